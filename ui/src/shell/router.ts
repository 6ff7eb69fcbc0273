import { readonly, shallowRef } from 'vue';
import { at } from './root';

/** The pages by name, with their paths below the root. */
export const paths = { streams: '', live: 'v2/ui', schemas: 'schemas', try: 'try', errors: 'errors', health: 'health' } as const;

export type PageName = keyof typeof paths;

/** Where the reader is: a page, and what its address says besides. */
export interface Place {
	page: PageName;
	query: URLSearchParams;
}

/** Finds the page of an address; one that nobody knows is the first page. */
export function placeOf(url: URL, base: string): Place {
	const path = url.pathname.slice(base.length).toLowerCase().replace(/\/$/, '');
	const page = (Object.keys(paths) as PageName[]).find((name) => paths[name] === path);
	return { page: page ?? 'streams', query: url.searchParams };
}

const place = shallowRef<Place>({ page: 'streams', query: new URLSearchParams() });

/** Where the reader is now. */
export const here = readonly(place) as Readonly<typeof place>;

/** The address of a page. Commas stay readable, since people pass addresses on. */
export function href(page: PageName, query: Record<string, string> = {}): string {
	const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
	return at(paths[page]) + (text ? `?${text}` : '');
}

/** Goes to a page. */
export function go(page: PageName, query: Record<string, string> = {}): void {
	history.pushState(null, '', href(page, query));
	read();
}

/** Writes into the address what the reader chose on this page, without a new entry in the history. */
export function note(query: Record<string, string>): void {
	const { page } = place.value;
	const language = place.value.query.get('uselang');
	history.replaceState(history.state, '', href(page, language === null ? query : { ...query, uselang: language }));
	read();
}

function read(): void {
	place.value = placeOf(new URL(location.href), new URL(at(''), location.href).pathname);
}

/** Follows the browser's history, and links to the page's own parts without loading it anew. */
export function startRouter(): void {
	read();
	addEventListener('popstate', read);
	document.addEventListener('click', (event) => {
		const link = (event.target as Element).closest('a');
		if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
			return;
		}
		const url = new URL(link.href, location.href);
		const base = new URL(at(''), location.href);
		const known = url.origin === location.origin && (Object.values(paths) as string[]).includes(url.pathname.slice(base.pathname.length));
		if (known && !link.hasAttribute('download') && link.target === '' && url.hash === '') {
			event.preventDefault();
			const language = place.value.query.get('uselang');
			if (language !== null) {
				url.searchParams.set('uselang', language);
			}
			history.pushState(null, '', url.href.replaceAll('%2C', ','));
			read();
		}
	});
}

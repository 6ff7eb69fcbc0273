/** A field that events can have, for the completion of filters. */
export interface FieldName {
	path: string;
	type: string;
	description?: string;
}

/** What can be put in the place of the word at the cursor. */
export interface Completion {
	/** The part of the filter that is replaced. */
	from: number;
	to: number;
	fields: FieldName[];
}

const most = 12;

/** How a field is written in a filter: event.meta.domain, event['$schema']. Elements of lists are found at their list. */
export function expression(path: string): string {
	const names = path.replace(/(\[\])+.*$/, '').split('.');
	return names.reduce((text, name) => text + (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name.replace(/['\\]/g, '\\$&')}']`), 'event');
}

/** Finds the fields that go on what stands before the cursor. Nothing inside texts. */
export function complete(filter: string, cursor: number, fields: FieldName[]): Completion {
	const before = filter.slice(0, cursor);
	const word = /[\w$.]*$/.exec(before)?.[0] ?? '';
	const from = cursor - word.length;
	const quotes = before.replace(/\\./g, '').match(/["']/g)?.length ?? 0;
	if (quotes % 2 === 1) {
		return { from, to: cursor, fields: [] };
	}
	const typed = word.replace(/^event\.?/, '').toLowerCase();
	const seen = new Set<string>();
	const found = fields.filter((field) => {
		const written = expression(field.path);
		if (seen.has(written)) {
			return false;
		}
		seen.add(written);
		return word !== '' && field.path.toLowerCase().includes(typed) && written !== word;
	});
	const rank = (field: FieldName) => (field.path.toLowerCase().startsWith(typed) ? 0 : 1) + field.path.split('.').length;
	return { from, to: cursor, fields: found.sort((a, b) => rank(a) - rank(b)).slice(0, most) };
}

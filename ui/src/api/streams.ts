import { at } from '../shell/root';

/** A stream as the catalogue shows it. */
export interface Stream {
	name: string;
	description?: string;
	schema_title?: string;
	schema_version?: string;
	topics: string[];
	service?: string;
	canary: boolean;
	aliases?: string[];
	/** Set if the stream is going to be removed. */
	deprecated?: { sunset?: string; successor?: string; reason?: string };
	/** Events in each of the last minutes, oldest first; the last one is not over. */
	minutes?: number[];
	per_second: number;
	/** When the last event happened (ISO 8601). */
	last?: string;
}

export interface Catalogue {
	sampled: boolean;
	streams: Stream[];
}

/** The streams that match what is typed: all words, anywhere in what is told of them. */
export function search(streams: Stream[], typed: string): Stream[] {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	return streams.filter((stream) => {
		const text = [stream.name, stream.schema_title, stream.description, stream.service, ...(stream.aliases ?? [])].join(' ').toLowerCase();
		return words.every((word) => text.includes(word));
	});
}

export type Order = 'name' | 'busy' | 'latest';

/** Sorts streams without changing the list given: by name, by events in the last minutes, by the time of the last event. */
export function sorted(streams: Stream[], order: Order): Stream[] {
	const sum = (stream: Stream) => (stream.minutes ?? []).reduce((a, b) => a + b, 0);
	const compare = {
		name: (a: Stream, b: Stream) => a.name.localeCompare(b.name, 'en'),
		busy: (a: Stream, b: Stream) => sum(b) - sum(a),
		latest: (a: Stream, b: Stream) => (b.last ?? '').localeCompare(a.last ?? '', 'en'),
	};
	return streams.toSorted(compare[order]);
}

/** What narrows a stream of events. */
export interface Narrowing {
	filter?: string;
	/** Milliseconds since the epoch, from which on events are wanted. */
	since?: number;
	canary?: boolean;
}

/** The address at which streams are read together. */
export function streamAddress(names: string[], narrowing: Narrowing = {}): string {
	const query: string[] = [];
	if (narrowing.since !== undefined) {
		query.push(`since=${narrowing.since}`);
	}
	if (narrowing.filter) {
		query.push(`filter=${encodeURIComponent(narrowing.filter)}`);
	}
	if (narrowing.canary === false) {
		query.push('canary=false');
	}
	return at(`v2/stream/${names.map(encodeURIComponent).join(',')}`) + (query.length > 0 ? `?${query.join('&')}` : '');
}

import { ask } from './ask';

/** A part of a text; lines and columns from 1, start and end as a text field counts. */
export interface Place {
	line: number;
	column: number;
	start: number;
	end: number;
}

/** One reason why an event is refused. */
export interface Problem {
	message: string;
	pointer?: string;
	place?: Place;
	keyword?: string;
	schema_uri?: string;
	schema_path?: string;
	rule?: unknown;
}

export interface EventVerdict {
	status: 'accepted' | 'discarded' | 'invalid' | 'error';
	id?: string;
	topic?: string;
	partition?: number;
	offset?: number;
	problems?: Problem[];
}

/** What the intake says of a text. */
export interface Verdict {
	status: number;
	title: string;
	ok: boolean;
	events: EventVerdict[];
}

/** Has a text checked; nothing is produced. */
export const tryOut = (text: string) => ask<Verdict>('try', { method: 'POST', body: text });

/** Sends a text for real. */
export const send = (text: string) => ask<Verdict>('send', { method: 'POST', body: text });

/** The text cut at the places of problems: pieces, each with whether it is wrong. Places that overlap are one. */
export function marked(text: string, places: Place[]): { text: string; wrong: boolean }[] {
	const pieces: { text: string; wrong: boolean }[] = [];
	let at = 0;
	for (const { start, end } of places.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
		if (start < at || start > text.length) {
			continue;
		}
		pieces.push({ text: text.slice(at, start), wrong: false }, { text: text.slice(start, Math.max(end, start + 1)) || ' ', wrong: true });
		at = Math.max(end, start + 1);
	}
	pieces.push({ text: text.slice(at), wrong: false });
	return pieces;
}

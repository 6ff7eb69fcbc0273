import { describe, expect, test } from 'vitest';
import { complete, expression } from './complete';
import { localText, momentOf } from './since';

const fields = ['$schema', 'meta', 'meta.domain', 'wiki', 'tags', 'tags[]', 'tags[].name', 'a-b'].map((path) => ({ path, type: 'string' }));
const names = (filter: string, cursor = filter.length) => complete(filter, cursor, fields).fields.map((field) => field.path);

test('expression writes any field', () => {
	expect(['meta.domain', '$schema', 'tags[].name', "a.b'c"].map(expression)).toEqual(['event.meta.domain', "event['$schema']", 'event.tags', "event.a['b\\'c']"]);
});

describe('complete', () => {
	test('finds what goes on the word at the cursor', () => {
		expect(names('event.me')).toEqual(['meta', 'meta.domain']);
		expect(names('dom')).toEqual(['meta.domain']);
		expect(names('event.wiki == "x" && event.t', 28)[0]).toBe('tags');
		expect(names('event.')[0]).toBe('$schema');
		expect(complete('x && wi == 1', 7, fields)).toMatchObject({ from: 5, to: 7 });
	});

	test('finds nothing inside a text, before a word and where all is written', () => {
		expect(names('event.wiki == "wi')).toEqual([]);
		expect(names('event.wiki == ')).toEqual([]);
		expect(names('event.wiki')).toEqual([]);
		expect(names("event['$schema'] == \"it\\\"s\" && wi")).toEqual(['wiki']);
	});
});

describe('momentOf', () => {
	test('reads what stands in an address', () => {
		expect(momentOf('', 5)).toBeUndefined();
		expect(momentOf('-15m', 1_000_000)).toBe(100_000);
		expect(momentOf('2026-01-01T00:00:00Z', 5)).toBe(Date.UTC(2026, 0, 1));
		expect(momentOf('yesterday', 5)).toBeUndefined();
	});

	test('localText is what it reads', () => {
		const moment = Date.UTC(2026, 5, 1, 12, 34, 56);
		expect(momentOf(localText(moment), 0)).toBe(moment);
	});
});

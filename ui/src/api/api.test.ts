import { describe, expect, test } from 'vitest';
import { refusal } from './ask';
import { search, sorted, type Stream, streamAddress } from './streams';

const stream = (name: string, more: Partial<Stream> = {}): Stream => ({ name, topics: [name], canary: false, per_second: 0, ...more });

test('search looks for all words in what is told of a stream', () => {
	const list = [stream('a', { description: 'Of A', schema_title: 'x/y', aliases: ['old'] }), stream('b')];
	expect(search(list, ' of  X/')).toEqual([list[0]]);
	expect(search(list, 'OLD')).toEqual([list[0]]);
	expect(search(list, 'of z')).toEqual([]);
	expect(search(list, '')).toEqual(list);
});

test('sorted puts first what is asked for', () => {
	const list = [stream('b', { minutes: [1], last: '2026-01-02T00:00:00Z' }), stream('c', { minutes: [2, 3] }), stream('a')];
	const names = (order: Parameters<typeof sorted>[1]) => sorted(list, order).map((one) => one.name).join('');
	expect([names('name'), names('busy'), names('latest')]).toEqual(['abc', 'cba', 'bca']);
});

test('streamAddress escapes names and says how the stream is narrowed', () => {
	expect(streamAddress(['a', 'b/c d'])).toBe('/v2/stream/a,b%2Fc%20d');
	expect(streamAddress(['a'], { since: 5, filter: 'event.x == "&"', canary: false })).toBe('/v2/stream/a?since=5&filter=event.x%20%3D%3D%20%22%26%22&canary=false');
	expect(streamAddress(['a'], { filter: '', canary: true })).toBe('/v2/stream/a');
});

describe('refusal', () => {
	test('tells the detail of a problem document', async () => {
		const problem = { status: 400, title: 'Bad Request', detail: 'no' };
		expect(await refusal(Response.json(problem, { status: 400, statusText: 'Bad Request' }))).toBe('400 Bad Request: no');
	});

	test('needs none', async () => {
		expect(await refusal(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))).toBe('502 Bad Gateway');
	});
});

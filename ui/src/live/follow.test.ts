import { describe, expect, test } from 'vitest';
import { follow, type Gap, type State, type World } from './follow';

/** A world whose server gives the listed answers one after another; the follower is stopped when they are used up. */
function worldOf(answers: (Response | Error)[]) {
	const stop = new AbortController();
	const asked: (string | null)[] = [];
	const urls: string[] = [];
	const waited: number[] = [];
	const world: World = {
		async fetch(url, init) {
			urls.push(url);
			asked.push(new Headers(init.headers).get('last-event-id'));
			const answer = answers.shift();
			if (answers.length === 0) {
				stop.abort();
			}
			if (answer === undefined || answer instanceof Error) {
				throw answer ?? new Error('asked too often');
			}
			return answer;
		},
		async wait(milliseconds) {
			waited.push(milliseconds);
		},
		random: () => 1,
	};
	return { world, asked, urls, waited, signal: stop.signal };
}

const address = (since?: number) => `/v2/stream/a${since === undefined ? '' : `?since=${since}`}`;

async function run(answers: (Response | Error)[]) {
	const { world, asked, urls, waited, signal } = worldOf([...answers, new Error('the test is over')]);
	const states: State[] = [];
	const data: string[] = [];
	const gaps: Gap[] = [];
	await follow(address, { state: (state) => states.push(state), gap: (gap) => gaps.push(gap), message: (message) => data.push(message.data) }, signal, world);
	return { states, data, gaps, asked, urls, waited };
}

const stream = (text: string) => new Response(text, { status: 200 });

describe('follow', () => {
	test('resumes from the last id it saw', async () => {
		const { data, asked } = await run([stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: cut o'), new Error('gone'), stream('id: 3\ndata: c\n\nid: 4\n\n')]);
		expect(data).toEqual(['a', 'b', 'c']);
		expect(asked).toEqual([null, '2', '2', '4']);
	});

	test('misses nothing after a loss before the first event', async () => {
		const first = new Response(':ok\n\n', { headers: { date: 'Thu, 01 Jan 1970 00:00:07 GMT' } });
		const { urls } = await run([new Error('not yet'), first, stream('id: 1\ndata: a\n\n'), new Error('gone')]);
		expect(urls).toEqual(['/v2/stream/a', '/v2/stream/a', '/v2/stream/a?since=7000', '/v2/stream/a', '/v2/stream/a']);
	});

	test('takes only events for events', async () => {
		const { data } = await run([stream('event: gap\ndata: {}\n\ndata: a\n\nevent: reconnect\ndata: {}\n\n')]);
		expect(data).toEqual(['a']);
	});

	test('waits longer each time nothing comes, and not after something came', async () => {
		const { waited } = await run([new Error('x'), new Error('x'), new Error('x'), stream(':ok\n\n'), new Error('x')]);
		expect(waited).toEqual([1000, 2000, 4000, 1000, 2000]);
	});

	test('waits no longer than half a minute', async () => {
		const { waited } = await run(Array.from({ length: 8 }, () => new Error('x')));
		expect(Math.max(...waited)).toBe(30_000);
	});

	test('waits as long as the server asks', async () => {
		const { waited, states } = await run([new Response('', { status: 503, statusText: 'Busy', headers: { 'retry-after': '7' } }), stream('retry: 5000\n\n')]);
		expect(waited).toEqual([7000, 5000]);
		expect(states[1]).toEqual({ kind: 'waiting', attempt: 1, seconds: 7, reason: '503 Busy' });
	});

	test('does not ask again where the server refuses, and says why', async () => {
		const problem = { status: 400, type: 'not_found', title: 'Stream Not Found', detail: 'Invalid streams: a' };
		const { states, asked } = await run([new Response(JSON.stringify(problem), { status: 400, statusText: 'Bad Request' })]);
		expect(asked).toHaveLength(1);
		expect(states.at(-1)).toEqual({ kind: 'refused', reason: '400 Bad Request: Stream Not Found: Invalid streams: a' });
	});

	test('hears of gaps', async () => {
		const { gaps, data } = await run([stream(': gap {"topic":"t","partition":1,"from":3,"to":7,"reason":"retention"}\n:\n: gap {\ndata: x\n\n')]);
		expect(gaps).toEqual([
			{ topic: 't', partition: 1, reason: 'retention' },
			{ topic: '', partition: 0, reason: '{' },
		]);
		expect(data).toEqual(['x']);
	});

	test('asks again after too many requests', async () => {
		const { asked } = await run([new Response('<html>', { status: 429 })]);
		expect(asked).toHaveLength(2);
	});
});

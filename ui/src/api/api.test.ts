import { describe, expect, test } from 'vitest';
import { postEvent } from './intake';
import { listStreams, search, streamPath } from './streams';

describe('listStreams', () => {
	test('leaves out patterns and streams without topics', async () => {
		const streams = { a: { topics: ['x.a'], schema_title: 'a/b', description: 'Of A' }, '/^b/': { topics: ['/^b/'] }, c: { topics: [] }, d: {} };
		const list = await listStreams(async () => Response.json({ streams }));
		expect(list).toEqual([{ name: 'a', schemaTitle: 'a/b', description: 'Of A' }]);
		expect(search(list, ' of  A/')).toEqual(list);
		expect(search(list, 'of z')).toEqual([]);
	});

	test('tells which streams are going to be removed', async () => {
		const streams = { a: { topics: ['a'], deprecated: true }, b: { topics: ['b'], deprecated: { since: '2026-01-01', successor: 'b.v2' } } };
		const list = await listStreams(async () => Response.json({ streams }));
		expect(list.map((stream) => stream.deprecated)).toEqual([{ successor: '' }, { successor: 'b.v2' }]);
	});

	test('reports the error that comes with status 200', async () => {
		await expect(listStreams(async () => Response.json({ error: { code: 'toomanyvalues', info: 'Too many values.' } }))).rejects.toThrow('Too many values.');
	});
});

test('streamPath escapes names', () => {
	expect(streamPath(['a', 'b/c d'])).toBe('/v2/stream/a,b%2Fc%20d');
});

describe('postEvent', () => {
	test('reads the reasons of each event', async () => {
		const body = { invalid: [{ context: { errorsText: "'.test' should be string" } }], error: [{ context: { message: 'no such schema' } }] };
		const answer = await postEvent('{}', async () => Response.json(body, { status: 207, statusText: 'Some' }));
		expect(answer).toMatchObject({ accepted: false, status: '207 Some', reasons: ["'.test' should be string", 'no such schema'] });
	});

	test('reads the detail of a problem', async () => {
		const answer = await postEvent('{', async () => Response.json({ status: 400, detail: 'unexpected end' }, { status: 400 }));
		expect(answer).toMatchObject({ accepted: false, status: '400', reasons: ['unexpected end'] });
	});

	test('needs no body', async () => {
		expect(await postEvent('{}', async () => new Response('', { status: 201 }))).toEqual({ accepted: true, status: '201', reasons: [], body: '' });
	});
});

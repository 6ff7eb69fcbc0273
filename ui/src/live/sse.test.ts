import { describe, expect, test } from 'vitest';
import { type Message, StreamParser } from './sse';

const text = ':ok\n\nevent: message\nid: [{"topic":"a"}]\ndata: {"n":1}\n\n: heartbeat\n\nretry: 2000\nid: 2\ndata: one\r\ndata:two\r\rdata\n\nid: 3\n\nunknown: x\ndata: last\n\ndata: never finished\n';
const messages: Message[] = [
	{ type: 'message', data: '{"n":1}', lastEventId: '[{"topic":"a"}]' },
	{ type: 'message', data: 'one\ntwo', lastEventId: '2' },
	{ type: 'message', data: '', lastEventId: '2' },
	{ type: 'message', data: 'last', lastEventId: '3' },
];

describe('StreamParser', () => {
	test('reads what the standard says', () => {
		const parser = new StreamParser();
		expect(parser.push(text)).toEqual(messages);
		expect(parser.retry).toBe(2000);
	});

	test('reads the same wherever the pieces are cut', () => {
		for (let size = 1; size < text.length; size++) {
			const parser = new StreamParser();
			const read: Message[] = [];
			for (let i = 0; i < text.length; i += size) {
				read.push(...parser.push(text.slice(i, i + size)));
			}
			expect(read, `pieces of ${size}`).toEqual(messages);
		}
	});

	test('skips a byte order mark, and only at the start', () => {
		expect(new StreamParser().push('\uFEFFdata: \uFEFFx\n\n')).toEqual([{ type: 'message', data: '\uFEFFx', lastEventId: '' }]);
	});

	test('keeps the id it was given until the stream sets another', () => {
		expect(new StreamParser('before').push('event: gap\ndata: x\n\n')).toEqual([{ type: 'gap', data: 'x', lastEventId: 'before' }]);
	});
});

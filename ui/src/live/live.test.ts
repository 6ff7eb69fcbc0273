import { describe, expect, test } from 'vitest';
import { layOut, parts, toYAML } from './json';
import { Rate, Recent } from './recent';
import { summarise } from './summary';

describe('layOut', () => {
	test('keeps every token as it came', () => {
		const text = '{"big":12345678901234567890,"f":1.0,"e":"\\u00e9 \\" {","a":1,"a":2,"10":[],"2":{},"list":[1,[true,null]],"ü":"ü"}';
		const laidOut = layOut(text);
		expect(laidOut).toContain('"big": 12345678901234567890,\n  "f": 1.0,\n  "e": "\\u00e9 \\" {",\n  "a": 1,\n  "a": 2,\n  "10": [],\n  "2": {},');
		expect(laidOut.replace(/\n */g, '').replaceAll(': ', ':')).toBe(text);
	});

	test('lays out as JSON.stringify does', () => {
		const value = { a: [1, 2, { b: null }], c: { d: { e: 'x' } }, f: [] };
		expect(layOut(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
	});

	test('leaves alone what is no JSON', () => {
		expect(layOut('{"a":')).toBe('{"a":');
		expect(layOut('<b>')).toBe('<b>');
	});
});

test('parts tells kinds apart and keeps tokens', () => {
	expect(parts('{"a":[1.0,true],"b":"\\u0041"}')).toEqual({
		kind: 'object',
		members: [
			{ key: 'a', raw: '"a"', value: { kind: 'array', members: [{ key: '0', raw: '0', value: { kind: 'number', text: '1.0' } }, { key: '1', raw: '1', value: { kind: 'literal', text: 'true' } }] } },
			{ key: 'b', raw: '"b"', value: { kind: 'string', text: '"\\u0041"' } },
		],
	});
	expect(parts('{')).toBeUndefined();
});

test('toYAML quotes what YAML would read otherwise', () => {
	const text = '{"$schema":"/a/1.0.0","x":1.0,"t":"true","e":"","o":{},"l":[{"a":1,"b":"x y"},[1,[]],"- c"],"a: b":"é","yes":null}';
	expect(toYAML(text)).toBe(
		'$schema: /a/1.0.0\nx: 1.0\nt: "true"\ne: ""\no: {}\nl:\n  - a: 1\n    b: x y\n  -\n    - 1\n    - []\n  - "- c"\n"a: b": "é"\n"yes": null\n',
	);
	expect([toYAML('1'), toYAML('[]'), toYAML('[1]'), toYAML('{')]).toEqual(['1\n', '[]\n', '- 1\n', '{']);
});

describe('Recent', () => {
	test('remembers the newest only and counts all', () => {
		const recent = new Recent(3);
		for (const data of ['a', 'b', 'c', 'd', 'e']) {
			recent.add({ type: 'message', data, lastEventId: '' });
		}
		expect(recent.newestFirst().map((arrival) => arrival.data)).toEqual(['e', 'd', 'c']);
		expect([recent.total, recent.kept]).toEqual([5, 3]);
		recent.clear();
		recent.add({ type: 'message', data: 'f', lastEventId: '' });
		expect(recent.newestFirst()).toEqual([{ number: 6, data: 'f', lastEventId: '' }]);
		expect(recent.total).toBe(1);
	});
});

test('Recent forgets the oldest when they are many characters', () => {
	const recent = new Recent(100, 10);
	for (let i = 0; i < 300; i++) {
		recent.add({ type: 'message', data: `x${i % 10}`, lastEventId: 'ab' });
	}
	expect(recent.newestFirst().map((arrival) => arrival.data)).toEqual(['x9', 'x8']);
	recent.add({ type: 'message', data: 'longer than all that may be', lastEventId: '' });
	expect(recent.kept).toBe(1);
	expect(recent.total).toBe(301);
});

describe('Rate', () => {
	test('is the mean of the full seconds in the window', () => {
		const rate = new Rate(5);
		for (let ms = 0; ms < 10_000; ms += 100) {
			rate.count(ms);
		}
		expect(rate.perSecond(9_999)).toBe(10);
		expect(rate.perSecond(12_000)).toBe(6);
		expect(rate.perSecond(60_000)).toBe(0);
	});

	test('does not count seconds before the first event', () => {
		const rate = new Rate(5);
		rate.count(1000);
		expect(rate.perSecond(1500)).toBe(0);
		expect(rate.perSecond(2000)).toBe(1);
	});
});

describe('summarise', () => {
	test('takes the fields that tell most', () => {
		const event = { $schema: '/x/1.0.0', meta: { dt: '2026-01-02T03:04:05Z', stream: 's', domain: 'canary' }, wiki: 'w', user: 'u', title: 't', type: 'edit' };
		expect(summarise(JSON.stringify(event))).toEqual({
			time: '2026-01-02T03:04:05Z',
			stream: 's',
			fields: [
				{ name: 'type', value: 'edit' },
				{ name: 'title', value: 't' },
				{ name: 'user', value: 'u' },
			],
			canary: true,
		});
	});

	test('takes any scalars of an event it does not know', () => {
		expect(summarise('{"$schema":"/x","meta":{},"dt":"d","o":{},"n":0,"b":false}')).toMatchObject({ time: 'd', fields: [{ name: 'n', value: '0' }, { name: 'b', value: 'false' }] });
	});

	test('has something to say of anything', () => {
		for (const data of ['', 'null', '[]', '3', '{', '{"meta":null}', '{"meta":[]}', '{"__proto__":{"title":1}}']) {
			expect(summarise(data)).toMatchObject({ time: '', stream: '' });
		}
	});
});

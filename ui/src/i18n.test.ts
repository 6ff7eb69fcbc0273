import { describe, expect, test } from 'vitest';
import english from '../i18n/en.json';
import documentation from '../i18n/qqq.json';
import { format } from './i18n';

test('every message is documented, and no other', () => {
	expect(Object.keys(documentation).sort()).toEqual(Object.keys(english).sort());
});

describe('format', () => {
	test('fills in parameters and writes numbers as the language does', () => {
		expect(format('$2 of $1, $3', [1234.5, 'a$1'], 'en')).toBe('a$1 of 1,234.5, $3');
		expect(format('$1', [1234.5], 'de')).toBe('1.234,5');
	});

	test('chooses the plural form', () => {
		const text = '{{PLURAL:$1|$1 event|$1 events}}';
		expect([0, 1, 2].map((count) => format(text, [count], 'en'))).toEqual(['0 events', '1 event', '2 events']);
		expect([1, 3, 5].map((count) => format('{{PLURAL:$1|one|few|many}}', [count], 'ru'))).toEqual(['one', 'few', 'many']);
	});
});

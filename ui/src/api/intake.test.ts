import { expect, test } from 'vitest';
import { marked } from './intake';

test('marked cuts a text at the places of problems', () => {
	const place = (start: number, end: number) => ({ line: 1, column: 1, start, end });
	const wrong = (text: string, ...places: ReturnType<typeof place>[]) => marked(text, places).map((piece) => (piece.wrong ? `<${piece.text}>` : piece.text)).join('');
	expect(wrong('abcdef', place(4, 5), place(1, 3))).toBe('a<bc>d<e>f');
	expect(wrong('abc', place(0, 2), place(1, 2))).toBe('<ab>c');
	expect(wrong('abc', place(3, 4))).toBe('abc< >');
	expect(wrong('abc', place(9, 10))).toBe('abc');
	expect(wrong('abc')).toBe('abc');
});

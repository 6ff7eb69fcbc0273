import { expect, test } from 'vitest';
import { ago, bytes, lasting, short } from './when';

test('ago says how long ago something was', () => {
	const now = Date.parse('2026-01-01T12:00:00Z');
	expect(ago('2026-01-01T11:59:55Z', now)).toBe('5 sec. ago');
	expect(ago('2026-01-01T11:00:01Z', now)).toBe('59 min. ago');
	expect(ago('2025-12-25T12:00:00Z', now)).toBe('7 days ago');
	expect(ago('2026-01-01T12:00:09Z', now)).toBe('0 sec. ago'); // clocks differ
});

test('lasting names the two largest units', () => {
	expect(lasting(0)).toBe('0 seconds');
	expect(lasting(61)).toBe('1 minute 1 second');
	expect(lasting(2 * 86_400 + 3 * 3600 + 50)).toBe('2 days 3 hours');
	expect(lasting(3600)).toBe('1 hour');
});

test('numbers are short', () => {
	expect([short(5), short(1234), bytes(999), bytes(1500), bytes(3.2e9)]).toEqual(['5', '1.2K', '999 byte', '1.5 kB', '3.2 GB']);
});

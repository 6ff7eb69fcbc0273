import { expect, test } from 'vitest';
import { by, total } from './health';

test('sums of metrics', () => {
	const series = [
		{ labels: { stream: 'a', why: 'x' }, value: 1 },
		{ labels: { stream: 'b', why: 'x' }, value: 5 },
		{ labels: { stream: 'a', why: 'y' }, value: 2 },
	];
	const metrics = [{ name: 'm', sum: 8, series }];
	expect(total(metrics, 'm')).toBe(8);
	expect(total(metrics, 'n')).toBeUndefined();
	expect(by(metrics, 'm', 'stream')).toEqual([{ name: 'b', value: 5 }, { name: 'a', value: 3 }]);
	expect(by(metrics, 'n', 'stream')).toEqual([]);
});

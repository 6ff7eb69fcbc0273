import { expect, test } from 'vitest';
import { oneLine, tree } from './schemas';

test('tree puts titles into folders', () => {
	const versions = ['1.0.0'];
	const schema = (title: string) => ({ title, versions });
	const whole = tree(['error', 'mediawiki/page/change', 'mediawiki/page/move', 'mediawiki/recentchange', 'a/b/c'].map(schema));
	expect(whole.schemas.map((one) => one.title)).toEqual(['error']);
	expect(whole.folders.map((one) => one.name)).toEqual(['mediawiki', 'a/b']);
	expect(whole.folders[0]?.folders[0]).toEqual({
		name: 'page',
		folders: [],
		schemas: [
			{ name: 'change', title: 'mediawiki/page/change', versions },
			{ name: 'move', title: 'mediawiki/page/move', versions },
		],
	});
});

test('oneLine cuts', () => {
	expect([oneLine('a'), oneLine([1, 'b']), oneLine('abcdef', 3)]).toEqual(['a', '[1,"b"]', 'abc…']);
});

import { describe, expect, test } from 'vitest';
import { href, placeOf } from './router';

describe('placeOf', () => {
	test('finds pages below any root', () => {
		expect(placeOf(new URL('http://x/v2/ui/?streams=a,b'), '/')).toMatchObject({ page: 'live' });
		expect(placeOf(new URL('http://x/events/Schemas'), '/events/')).toMatchObject({ page: 'schemas' });
		expect(placeOf(new URL('http://x/'), '/').page).toBe('streams');
		expect(placeOf(new URL('http://x/what'), '/').page).toBe('streams');
		expect(placeOf(new URL('http://x/v2/ui?streams=a,b'), '/').query.get('streams')).toBe('a,b');
	});
});

test('href leaves out what is empty and keeps commas', () => {
	expect(href('live', { streams: 'a,b', filter: '', since: '-5m' })).toBe('/v2/ui?streams=a,b&since=-5m');
	expect(href('streams')).toBe('/');
});

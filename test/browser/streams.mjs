import assert from 'node:assert/strict';
import { events, state } from './page.mjs';

/** Bytes of answers as they came over the wire. */
function countTransfers(page) {
	const counted = { bytes: 0 };
	page.on('requestfinished', async (request) => {
		const sizes = await request.sizes().catch(() => ({ responseBodySize: 0, responseHeadersSize: 0 }));
		counted.bytes += sizes.responseBodySize + sizes.responseHeadersSize;
	});
	return counted;
}

export default async function ({ open, shot }) {
	const page = await open({ path: '/licenses.md', expected: /404/ }); // any answer: the page is loaded below, while its bytes are counted
	const counted = countTransfers(page);
	await page.goto(new URL('/', page.url()).href);
	const row = (name) => page.locator(`[data-stream="${name}"]`);
	await row('mediawiki.recentchange').waitFor();
	await page.waitForLoadState('networkidle').catch(() => undefined);
	console.log(`the first page transferred ${counted.bytes} bytes`);
	assert.ok(counted.bytes < 160_000, `the first page transferred ${counted.bytes} bytes`);

	// The catalogue says what happens on the streams.
	await row('mediawiki.recentchange').getByText('ago').waitFor();
	await row('mediawiki.recentchange').getByRole('img', { name: /[1-9]\d* events? in the last 16 minutes/ }).waitFor();
	await row('application.error').getByText('none').waitFor();
	await row('mediawiki.recentchange').getByText('1.0.0').waitFor();
	assert.match(await row('mediawiki.recentchange').innerText(), /mediawiki\/recentchange\s+1\.0\.0\s+eventgate\s+1 topic/);

	// Search as you type, in the address too; then with the keyboard to the stream's events.
	const field = page.getByRole('searchbox', { name: 'Search streams' });
	await field.fill('recent lines');
	await page.getByText('0 of 5 streams').waitFor();
	await field.fill('lists of recent');
	await page.getByText('1 of 5 streams').waitFor();
	assert.equal(new URL(page.url()).searchParams.get('q'), 'lists of recent');
	await shot(page, 'streams-search.png');
	await row('mediawiki.recentchange').getByRole('link', { name: 'mediawiki.recentchange' }).focus();
	await page.keyboard.press('Enter');
	await state(page, 'live').waitFor();
	assert.equal(new URL(page.url()).searchParams.get('streams'), 'mediawiki.recentchange');
	assert.match(await page.title(), /^Live/);
	await events(page).first().waitFor();

	// And back, to what was searched for; several streams are chosen and watched together.
	await page.goBack();
	await page.getByText('1 of 5 streams').waitFor();
	await field.fill('');
	await page.getByRole('checkbox', { name: 'Choose test.event' }).check();
	await page.getByRole('checkbox', { name: 'Choose mediawiki.recentchange' }).check();
	await page.getByText('2 streams chosen').waitFor();
	await page.getByRole('link', { name: 'Watch live' }).click();
	await state(page, 'live').waitFor();
	assert.deepEqual(new URL(page.url()).searchParams.get('streams')?.split(',').sort(), ['mediawiki.recentchange', 'test.event']);
}

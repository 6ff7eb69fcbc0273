import assert from 'node:assert/strict';
import { events, live, state, testEvent } from './page.mjs';

const [posts, each] = [200, 500]; // 100,000 events
const mostHeap = 60_000_000;

export default async function ({ open, post, shot }) {
	const page = await open({ path: live('test.event') });
	await state(page, 'live').waitFor();
	await page.evaluate(() => {
		window.longest = 0;
		new PerformanceObserver((list) => {
			window.longest = Math.max(window.longest, ...list.getEntries().map((entry) => entry.duration));
		}).observe({ type: 'longtask' });
	});
	const began = Date.now();
	for (let i = 0; i < posts; i++) {
		await post(Array.from({ length: each }, (_, k) => testEvent(`number ${i * each + k + 1}, with some words that make it about as long as an event is`)));
	}
	const sent = Date.now() - began;
	await page.getByText('100,000 events').waitFor();
	await page.getByText('the newest 2,000 are kept, 98,000 older ones were dropped').waitFor();
	const took = Date.now() - began;
	await events(page).first().filter({ hasText: 'number 100000,' }).waitFor();
	assert.ok((await events(page).count()) < 100, 'only the lines that are seen exist');

	// The tab still does what it is told.
	await page.getByRole('button', { name: 'Pause' }).click();
	await events(page).nth(2).getByRole('button').click();
	await page.getByText('Resume after this event').waitFor();

	const devtools = await page.context().newCDPSession(page);
	await devtools.send('HeapProfiler.collectGarbage');
	const { usedSize } = await devtools.send('Runtime.getHeapUsage');
	const longest = Math.round(await page.evaluate(() => window.longest));
	console.log(`100,000 events: sent in ${sent} ms, shown after ${took} ms; heap ${Math.round(usedSize / 1e5) / 10} MB; longest task ${longest} ms`);
	assert.ok(usedSize <= mostHeap, `the heap is ${usedSize} bytes`);
	await shot(page, 'live-many.png');
}

import assert from 'node:assert/strict';
import { button, events, state } from './page.mjs';

export default async function ({ open, shot }) {
	const began = Date.now();
	const page = await open();
	await state(page, 'live').waitFor();
	await events(page).nth(9).waitFor();
	console.log(`ten events were there after ${Date.now() - began} ms`);

	const line = await events(page).first().innerText();
	assert.match(line, /^\d\d:\d\d:\d\d\s+mediawiki\./, 'a line says when and of which stream');
	await shot(page, 'page-live.png');

	// Opening an event holds the list still and shows the event whole.
	await events(page).nth(3).locator('summary').click();
	const text = await events(page).locator('pre').innerText();
	const event = JSON.parse(text);
	assert.ok(event.$schema && event.meta.id && event.meta.dt, `a whole event: ${text}`);
	const first = await events(page).first().innerText();
	await page.getByText(/Paused\. [1-9]\d* events? came since\./).waitFor();
	assert.equal(await events(page).first().innerText(), first, 'a paused list stands still');
	await button(page, 'Resume').click();
	await page.waitForFunction((old) => document.querySelector('.live-list li').innerText !== old, first);

	// Choosing narrows what comes; the choice is in the address, so that it can be passed on.
	await button(page, 'None').click();
	await page.getByRole('checkbox', { name: 'mediawiki.recentchange' }).check();
	await button(page, 'Clear').click();
	await events(page).nth(4).waitFor();
	const names = await page.locator('.event-stream').allInnerTexts();
	assert.deepEqual([...new Set(names)], ['mediawiki.recentchange']);
	assert.equal(new URL(page.url()).searchParams.get('streams'), 'mediawiki.recentchange');
	const other = await open({ query: new URL(page.url()).search });
	await events(other).first().waitFor();
	assert.equal(await other.getByRole('checkbox', { checked: true }).count(), 1);

	// A stream that does not exist is refused, with the server's reason, and is not asked for again and again.
	const wrong = await open({ query: '?streams=no.such.stream', expected: /status of 400/ });
	await state(wrong, 'refused').waitFor();
	await wrong.getByText(/no\.such\.stream/).waitFor();
}

import assert from 'node:assert/strict';
import { button, events, live, state, testEvent } from './page.mjs';

export default async function ({ open, post, restart, shot }) {
	const page = await open({ path: live('test.event'), expected: /ERR_|Failed to load/ });
	await state(page, 'live').waitFor();

	// Beside the page's own reader, the browser's: the client that most people use.
	await page.evaluate(
		() =>
			new Promise((connected, failed) => {
				const source = new EventSource('/v2/stream/test.event');
				window.heard = [];
				source.onmessage = (message) => window.heard.push(JSON.parse(message.data).test);
				source.onopen = connected;
				source.onerror = failed;
			}),
	);

	const sent = [];
	async function send(count) {
		for (let i = 0; i < count; i++) {
			sent.push(`number ${sent.length + 1}`);
			await post(testEvent(sent.at(-1)));
		}
	}
	const heardAll = () => page.waitForFunction((count) => window.heard.length >= count, sent.length);

	await send(3);
	await heardAll();
	await Promise.all([state(page, 'waiting').waitFor(), restart()]); // the page says that it has lost the server
	await send(3); // before, while or after the readers come back
	await heardAll();
	await state(page, 'live').waitFor();
	await page.getByText(/\d reconnections?/).waitFor();
	await send(3);
	await heardAll();
	await events(page).filter({ hasText: sent.at(-1) }).waitFor();

	assert.deepEqual(await page.evaluate(() => window.heard), sent, 'EventSource hears each event once, in order');
	const shown = await page.locator('.event-fields').allInnerTexts();
	assert.deepEqual(shown.reverse(), sent, 'the page shows each event once, in order');
	await button(page, 'Pause').waitFor();
	await shot(page, 'live-resumed.png');
}

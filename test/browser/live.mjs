import assert from 'node:assert/strict';
import { button, detail, events, filter, live, state } from './page.mjs';

const numbers = (page) => events(page).evaluateAll((rows) => rows.map((row) => Number(row.dataset.number)));

export default async function ({ open, post, shot }) {
	await post({ $schema: '/mediawiki/recentchange/1.0.0', meta: { stream: 'mediawiki.recentchange' }, type: 'edit', title: 'Only this one' });
	const began = Date.now();
	const page = await open({ path: '/v2/ui' });
	await state(page, 'live').waitFor();
	await events(page).first().waitFor();
	console.log(`the first event was there after ${Date.now() - began} ms`);
	await events(page).nth(9).waitFor();
	const line = await events(page).first().innerText();
	assert.match(line, /^\d\d:\d\d:\d\d\s+[a-z]+\./, `a line says when and of which stream: ${line}`);

	// Opening an event shows it whole, as a tree, JSON and YAML; the list stays where it is while others come.
	await events(page).nth(3).getByRole('button').click();
	await detail(page).getByText('$schema').waitFor();
	await button(page, 'JSON').click();
	const event = JSON.parse(await detail(page).locator('.detail-text').innerText());
	assert.ok(event.$schema && event.meta.id && event.meta.dt, 'a whole event');
	await button(page, 'YAML').click();
	await detail(page).getByText(`$schema: ${event.$schema}`).waitFor();
	await detail(page).getByText('Resume after this event').click();
	const id = JSON.parse(await detail(page).locator('.detail-id pre').innerText());
	assert.ok(id.some(({ topic }) => topic === event.meta.topic), 'the id names the topic');
	await shot(page, 'live-open.png');
	await page.keyboard.press('Escape');
	await detail(page).waitFor({ state: 'detached' });

	// A paused list stands still and says how many came since.
	await button(page, 'Pause').click();
	await page.getByText(/Paused\. [1-9]\d* events? came since\./).waitFor();
	const still = await numbers(page);
	await page.getByText(/Paused\. ([5-9]|\d\d+) events came since\./).waitFor();
	assert.deepEqual(await numbers(page), still, 'a paused list stands still');
	await button(page, 'Resume').click();
	await page.getByRole('switch', { name: 'Follow' }).check();
	await page.waitForFunction((old) => Number(document.querySelector('.events-row').dataset.number) > old, still[0]);

	// The arrow keys go through the list.
	await events(page).first().getByRole('button').focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await detail(page).waitFor();

	// A wrong filter is marked in place; a right one narrows what comes. Names of fields are completed.
	await filter(page).fill('event.titel == "Tea"');
	await page.locator('.filter-marked mark', { hasText: 'titel' }).waitFor();
	await page.locator('.filter-message', { hasText: 'event.title' }).waitFor();
	await shot(page, 'live-filter-wrong.png');
	await filter(page).fill('');
	await filter(page).pressSequentially('event.ti');
	const option = page.getByRole('option', { name: /^title/ });
	await option.waitFor();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.querySelector('.filter-input').value === 'event.title');
	await page.getByRole('combobox', { name: 'From' }).selectOption('-1h');
	await filter(page).pressSequentially(' == "Only this one"');
	await page.keyboard.press('Enter');
	await page.waitForURL(/filter=event\.title/);
	await events(page).first().waitFor();
	await page.waitForFunction(() => {
		const rows = [...document.querySelectorAll('.event-fields')];
		return rows.length === 1 && rows[0].innerText.includes('Only this one');
	});
	await button(page, 'Use it in code').click();
	const code = await page.locator('.codes').innerText();
	assert.match(code, /curl -sN 'http:.*\/v2\/stream\/.*since=\d+&filter=event\.title%20%3D%3D%20%22Only%20this%20one%22&canary=false'/);
	assert.match(code, /new EventSource\("http:/);

	// The address alone gives the same: streams, filter, from when.
	const other = await open({ path: live('mediawiki.recentchange', '&since=-1h&filter=event.type+%3D%3D+%22edit%22') });
	await events(other).nth(4).waitFor();
	assert.equal(await filter(other).inputValue(), 'event.type == "edit"');
	assert.equal(await other.getByRole('combobox', { name: 'From' }).inputValue(), '-1h');
	assert.equal(await other.locator('[data-chosen]').count(), 1);

	// What was seen can be saved.
	const [download] = await Promise.all([other.waitForEvent('download'), button(other, 'Download').click()]);
	const chunks = [];
	for await (const chunk of await download.createReadStream()) {
		chunks.push(chunk);
	}
	const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
	assert.ok(lines.length >= 5 && lines.every((text) => JSON.parse(text).type === 'edit'), 'the file has the events, one a line');

	// What the server announces as missing is told; so is that it ended the connection.
	const gaps = await open({ path: '/health' });
	await gaps.route('**/v2/stream/**', (route) =>
		route.fulfill({
			contentType: 'text/event-stream',
			body: ': gap {"topic":"dc.notes","partition":0,"from":3,"to":7,"reason":"retention"}\n\ndata: {"test":"after the gap"}\nid: 1\n\n',
		}),
	);
	await gaps.getByRole('link', { name: 'Live', exact: true }).click();
	await gaps.getByText('Events of dc.notes are missing: they were deleted before they could be sent.').first().waitFor();
	await gaps.getByText(/The server ended the connection/).waitFor();
	await gaps.context().close();

	// A stream that does not exist is refused, with the server's reason, and is not asked for again and again.
	const wrong = await open({ path: live('no.such.stream'), expected: /status of 4\d\d/ });
	await state(wrong, 'refused').waitFor();
	await wrong.getByText(/Invalid streams: no\.such\.stream/).waitFor();
}

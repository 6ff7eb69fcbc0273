import assert from 'node:assert/strict';
import { answer, button, events, state, testEvent } from './page.mjs';

export default async function ({ open, shot }) {
	const page = await open({ expected: /status of 4\d\d/ });
	const field = page.getByLabel('Event (JSON)');
	await state(page, 'live').waitFor();

	await field.fill(JSON.stringify(testEvent('sent from the page')));
	await button(page, 'Send').click();
	await answer(page).getByText(/^201/).waitFor();
	await events(page).filter({ hasText: 'sent from the page' }).waitFor();

	// With the keyboard alone.
	await field.fill(JSON.stringify(testEvent('sent with the keyboard')));
	await field.press('Tab');
	await page.keyboard.press('Enter');
	await events(page).filter({ hasText: 'sent with the keyboard' }).waitFor();

	// A bad event is refused with the reason; what was wrong can be corrected in place.
	await button(page, 'Invalid example').click();
	await button(page, 'Send').click();
	await answer(page).getByText(/^400/).waitFor();
	await answer(page).getByText("'.test' should be string", { exact: true }).waitFor();
	await answer(page).getByText('The answer’s body').click();
	assert.equal(JSON.parse(await answer(page).locator('pre').innerText()).invalid[0].status, 'invalid');
	await shot(page, 'page-refused.png', { fullPage: true });

	await field.fill('{"$schema": "/test/event/1.0.0", ');
	await button(page, 'Send').click();
	await answer(page).getByText(/JSON|at byte \d+/).first().waitFor();

	await field.fill(JSON.stringify({ ...testEvent('x'), $schema: '/no/such/schema/1.0.0' }));
	await button(page, 'Send').click();
	await answer(page).getByText(/no\/such\/schema/).first().waitFor();

	await button(page, 'Valid example').click();
	await button(page, 'Send').click();
	await answer(page).getByText(/^201/).waitFor();
	await page.locator('.event-fields', { hasText: /^hello$/ }).waitFor();
	const own = await page.locator('.event-stream', { hasText: /^test\.event$/ }).count();
	assert.equal(own, 3, 'nothing that was refused arrives, but as an event about the refusal');
}

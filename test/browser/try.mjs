import assert from 'node:assert/strict';
import { button, events, live, state, testEvent, verdict } from './page.mjs';

export default async function ({ open, shot }) {
	const watching = await open({ path: live('test.event') });
	await state(watching, 'live').waitFor();
	const page = await open({ path: '/try' });
	const field = page.getByLabel('Event (JSON)');
	await verdict(page, 200).getByText('This event would be accepted.').waitFor(); // the example
	assert.equal(JSON.parse(await field.inputValue()).meta.stream, 'test.event');

	// A bad event is told of as it is typed, with the place in the text and the schema's rule; it is corrected in place.
	await field.fill(JSON.stringify({ ...testEvent(42), test_map: { a: 'x', b: false } }, null, 2));
	await verdict(page, 400).getByText("'.test' should be string", { exact: true }).waitFor();
	await verdict(page, 400).getByText("'.test_map['b']' should be string", { exact: true }).waitFor();
	assert.deepEqual(await page.locator('.editor-behind mark').allInnerTexts(), ['42', 'false']);
	await verdict(page, 400).getByText('"type": "string"').first().waitFor();
	await shot(page, 'try-refused.png');
	await button(page, 'Line 6, column 11').click();
	assert.equal(await field.evaluate((element) => element.value.slice(element.selectionStart, element.selectionEnd)), '42');
	await page.keyboard.type('"now it is text"');
	await verdict(page, 400).getByText("'.test' should be string", { exact: true }).waitFor({ state: 'detached' });
	await field.fill((await field.inputValue()).replace('false', '"text"'));
	await verdict(page, 200).getByText('This event would be accepted.').waitFor();
	assert.equal(await page.locator('.editor-behind mark').count(), 0);
	assert.equal(await events(watching).count(), 0, 'nothing was sent yet');

	// Several events; what is no JSON; a schema that does not exist.
	await field.fill(JSON.stringify([testEvent('a'), testEvent(1)], null, 1));
	await page.getByText('1 of 2 events would be refused.').waitFor();
	await page.getByText('Event 2', { exact: true }).waitFor();
	await field.fill('{"$schema": "/test/event/1.0.0", \n  x');
	await button(page, 'Line 2, column 3').waitFor();
	await field.fill(JSON.stringify({ ...testEvent('x'), $schema: '/no/such/schema/1.0.0' }));
	await verdict(page, 400).getByText(/no\/such\/schema/).first().waitFor();

	// Sent for real, with the keyboard alone.
	await field.fill(JSON.stringify(testEvent('sent from the page')));
	await verdict(page, 200).waitFor();
	await field.press('Tab');
	await page.keyboard.press('Enter');
	await page.getByText(/test\.event, partition 0, offset 0/).waitFor();
	await events(watching).filter({ hasText: 'sent from the page' }).waitFor();
	assert.equal(await events(watching).count(), 1, 'nothing but what was sent arrives');
}

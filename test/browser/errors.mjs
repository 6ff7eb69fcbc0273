import assert from 'node:assert/strict';
import { button, testEvent, verdict } from './page.mjs';

export default async function ({ open, post, shot }) {
	await post({ ...testEvent(1), meta: { stream: 'test.event', user: 'Ada' } }, 400);
	await post([testEvent(2), testEvent('good')], 207);
	await post({ ...testEvent('x'), $schema: '/no/such/schema/1.0.0' }, 400);

	const page = await open({ path: '/errors' });
	await page.getByText('3 refused events', { exact: true }).waitFor(); // the page asks again until they are there
	const top = (name) => page.getByRole('region', { name, exact: true });
	assert.match(await top('Streams').innerText(), /test\.event\s+3/);
	assert.match(await top('Places in the event').innerText(), /\/test\s+2/);
	assert.match(await top('Rules').innerText(), /type\s+2/);
	await shot(page, 'errors-some.png');

	// A sample leads to Try, where it is refused again and can be corrected. What tells of a person is replaced.
	const sample = page.locator('.sample', { hasText: "'.test' should be string" });
	await sample.getByText('2 refused events').waitFor();
	await sample.getByRole('link', { name: 'Open in Try' }).click();
	await verdict(page, 400).getByText("'.test' should be string", { exact: true }).waitFor();
	const text = await page.getByLabel('Event (JSON)').inputValue();
	assert.ok(!text.includes('Ada'), text);
	await page.getByLabel('Event (JSON)').fill(text.replace(/"test": \d/, '"test": "corrected"'));
	await verdict(page, 200).waitFor();
	await button(page, 'Send it for real').click();
	await page.getByText('Sent.').waitFor();

	// Health knows of it too.
	await page.getByRole('link', { name: 'Health' }).click();
	await page.getByRole('region', { name: 'Intake' }).getByText('Events refused').waitFor();
	await page.getByRole('region', { name: 'This process' }).getByText('Ready').waitFor();
	await page.getByRole('region', { name: 'Kafka' }).getByText('Reachable').waitFor();
	await page.getByText(/^All \d+ metrics$/).click();
	await page.getByRole('searchbox', { name: 'Search metrics' }).fill('events_produced');
	await page.getByText('stream=test.event').first().waitFor();
}

import assert from 'node:assert/strict';

export default async function ({ open, shot }) {
	const page = await open({ path: '/schemas' });
	const tree = page.getByRole('navigation', { name: 'Schemas' });
	await tree.getByRole('searchbox').fill('test');
	await tree.getByRole('link', { name: /^event/ }).click();
	await page.getByRole('heading', { name: 'test/event' }).waitFor();
	const field = (path) => page.locator(`[data-path="${path}"]`);
	assert.match(await field('meta.dt').innerText(), /dt\s*required\s+string[\s\S]*format date-time/);
	assert.match(await field('test').innerText(), /default "default value"/);

	// What changed between two versions.
	await page.getByRole('tab', { name: 'Changes' }).click();
	await page.getByRole('combobox', { name: 'From version' }).selectOption('0.0.2');
	await page.getByRole('combobox', { name: 'To version' }).selectOption('1.0.0');
	await page.getByText(/1\.0\.0 is not compatible with 0\.0\.2/).waitFor();
	const change = (kind, path) => page.locator(`.change-${kind}`, { hasText: path }).first();
	await change('changed', 'meta.stream').waitFor();
	await shot(page, 'schemas-changes.png');
	assert.match(page.url(), /tab=changes/);

	// The address leads back to it; documents can be had raw.
	await page.reload();
	await change('changed', 'meta.stream').waitFor();
	await page.getByRole('tab', { name: 'YAML' }).click();
	await page.getByText('title: test/event').waitFor();
	const json = await page.request.get(new URL(await page.getByRole('link', { name: 'JSON', exact: true }).getAttribute('href'), page.url()).href);
	assert.equal((await json.json()).title, 'test/event');
}

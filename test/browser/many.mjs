import assert from 'node:assert/strict';

export default async function ({ open, shot }) {
	const page = await open();
	await page.getByText('251 of 251 streams').waitFor();
	await page.locator('.stream .spark').nth(250).waitFor();
	assert.equal(await page.locator('.stream').count(), 251);

	// How long the list takes to follow what is typed, a letter at a time.
	const field = page.getByRole('searchbox', { name: 'Search streams' });
	await field.focus();
	const slowest = await page.evaluate(async () => {
		const input = document.querySelector('input[type=search]');
		let most = 0;
		for (const typed of ['s', 'st', 'str', 'stre', 'stream.', 'stream.1', 'stream.12', 'stream.1', '']) {
			const began = performance.now();
			input.value = typed;
			input.dispatchEvent(new Event('input'));
			await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
			most = Math.max(most, performance.now() - began);
		}
		return Math.round(most);
	});
	console.log(`250 streams: the slowest letter took ${slowest} ms`);
	await field.fill('stream.12');
	await page.getByText('11 of 251 streams').waitFor();
	await shot(page, 'streams-many.png');
	await page.getByRole('combobox', { name: 'Order' }).selectOption('latest');
	await field.fill('');
	await page.getByText('251 of 251 streams').waitFor();
}

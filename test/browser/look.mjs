import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { button, events, state } from './page.mjs';

const forms = {
	light: { colorScheme: 'light' },
	dark: { colorScheme: 'dark' },
	phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
	'right-to-left': { colorScheme: 'light', query: '?uselang=he' },
};

export default async function ({ open, shot }) {
	const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
	for (const [name, options] of Object.entries(forms)) {
		const page = await open({ ...options, init: axe, expected: /status of 400/ });
		await state(page, 'live').waitFor();
		await events(page).nth(15).waitFor();
		await shot(page, `page-${name}.png`, { fullPage: name !== 'light' });

		// The page as it is when it has most to say: an open event and a refusal.
		await events(page).nth(1).locator('summary').click();
		await button(page, 'Invalid example').click();
		await button(page, 'Send').click();
		await page.getByText('The answer’s body').waitFor();
		const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
		assert.deepEqual(
			violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`),
			[],
			`${name}: accessibility`,
		);
		const { scrollWidth, clientWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth }));
		assert.ok(scrollWidth <= clientWidth, `${name}: the page is ${scrollWidth} wide in a window of ${clientWidth}`);
		await page.context().close();
	}
}

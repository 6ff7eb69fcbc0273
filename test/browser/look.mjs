import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { detail, events, filter, live, testEvent, verdict } from './page.mjs';

const forms = {
	light: { colorScheme: 'light' },
	dark: { colorScheme: 'dark' },
	phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
	'right-to-left': { colorScheme: 'light', language: '&uselang=he' },
};

// Each page, as it is when it has most to say.
const pages = {
	streams: ['/?q=', async (page) => page.locator('.stream .spark').first().waitFor()],
	live: [
		live('mediawiki.recentchange,mediawiki.page_change.v1,test.event', '&since=-1h'),
		async (page) => {
			await events(page).nth(8).waitFor();
			await filter(page).fill('event.nothing == 1');
			await page.locator('.filter-message').waitFor();
			await events(page).nth(1).getByRole('button').click();
			await detail(page).getByText('$schema').waitFor();
		},
	],
	schemas: ['/schemas?title=mediawiki/recentchange', async (page) => page.locator('[data-path="meta.dt"]').waitFor()],
	changes: [
		'/schemas?title=test/event&tab=changes',
		async (page) => {
			await page.getByRole('combobox', { name: 'From version' }).or(page.locator('.changes-choice select').first()).first().waitFor();
			await page.locator('.changes-verdict').waitFor();
		},
	],
	try: [
		'/try?stream=test.event',
		async (page) => {
			await verdict(page, 200).waitFor();
			await page.locator('#try-text').fill(JSON.stringify({ ...testEvent(42), test_map: { a: 1 } }, null, 2));
			await verdict(page, 400).waitFor();
		},
	],
	errors: ['/errors?minutes=60', async (page) => page.locator('.sample').first().waitFor()],
	health: ['/health?', async (page) => page.locator('.facts').nth(3).waitFor()],
};

export default async function ({ open, post, shot, base }) {
	const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
	await post({ ...testEvent(1), user: 'Ada' }, 400);
	await post({ $schema: '/mediawiki/recentchange/1.0.0', meta: { stream: 'mediawiki.recentchange' }, namespace: 'x' }, 400);
	await Promise.all(
		Object.entries(forms).map(async ([form, { language = '', ...options }]) => {
			const page = await open({ ...options, path: '/health', init: axe, expected: /status of 4\d\d/ });
			for (const [name, [path, prepare]] of Object.entries(pages)) {
				await page.goto(base + path + language);
				await prepare(page);
				await shot(page, `${name}-${form}.png`);
				const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
				assert.deepEqual(
					violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ').slice(0, 1500)}`),
					[],
					`${name}, ${form}: accessibility`,
				);
				const { scrollWidth, clientWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth }));
				assert.ok(scrollWidth <= clientWidth, `${name}, ${form}: the page is ${scrollWidth} wide in a window of ${clientWidth}`);
			}
			await page.context().close();
		}),
	);
}

import assert from 'node:assert/strict';
import { button, detail, events, live, state, verdict } from './page.mjs';

const attack = '"><img src=x onerror="document.title=\'taken over\'"><script>document.title="taken over"</script>{{constructor.constructor("document.title=1")()}}';

export default async function ({ open, post, base }) {
	const clean = async (page, where) => {
		assert.equal(await page.locator('main img, main script').count(), 0, where);
		assert.match(await page.title(), / – eventplatform$/, where);
	};
	const page = await open({ path: live('test.event') });
	await state(page, 'live').waitFor();
	const event = {
		$schema: '/test/event/1.0.0',
		meta: { stream: 'test.event', domain: attack, request_id: attack, id: attack },
		test: attack,
		test_map: { [attack]: attack, __proto__x: attack },
		[attack]: { [attack]: [attack, { [attack]: attack }] },
		user: attack,
		title: attack,
		type: attack,
	};
	await post(event);
	await events(page).filter({ hasText: 'onerror' }).getByRole('button').click();
	await detail(page).locator('.json-key', { hasText: 'onerror' }).first().waitFor();
	await clean(page, 'the tree');
	for (const form of ['JSON', 'YAML']) {
		await button(page, form).click();
		await detail(page).locator('.detail-text', { hasText: 'onerror' }).waitFor();
		await clean(page, form);
	}
	await button(page, 'JSON').click();
	assert.equal(JSON.parse(await detail(page).locator('.detail-text').innerText()).test, attack, 'the text is shown as it was sent');

	// Refused events say what they like too: in Errors, and in Try that it leads to.
	await post({ ...event, test: 1, test_map: { [attack]: 1 } }, 400);
	await post({ ...event, meta: { stream: attack } }, 400);
	await post({ ...event, $schema: `/${attack}` }, 400);
	const errors = await open({ path: '/errors' });
	await errors.getByText('3 refused events', { exact: true }).waitFor();
	await errors.locator('.sample details summary').evaluateAll((all) => all.forEach((one) => one.click()));
	await clean(errors, 'errors');
	await errors.locator('.sample', { hasText: "'.test' should be string" }).getByRole('link', { name: 'Open in Try' }).click();
	await verdict(errors, 400).getByText("'.test' should be string", { exact: true }).waitFor();
	await clean(errors, 'try');

	// Addresses are passed on by others, too.
	const query = encodeURIComponent(attack);
	const refused = /status of 4\d\d/;
	for (const path of [`/?q=${query}&order=${query}`, `/v2/ui?streams=${query}&filter=${query}&since=${query}`, `/schemas?title=${query}&version=${query}&tab=${query}`, `/try?stream=${query}`, `/errors?minutes=${query}`]) {
		const led = await open({ path, expected: refused });
		await led.getByRole('heading', { level: 1 }).waitFor();
		await led.waitForLoadState('load');
		await clean(led, path);
	}

	// No other site's page can have this one's API send something.
	const cross = await fetch(`${base}/ui/api/send`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', origin: 'http://elsewhere.example' }, body: '{}' });
	assert.equal(cross.status, 403);
}

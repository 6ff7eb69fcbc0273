import assert from 'node:assert/strict';
import { events, state } from './page.mjs';

const attack = '"><img src=x onerror="document.title=\'taken over\'"><script>document.title="taken over"</script>{{constructor.constructor("document.title=1")()}}';

export default async function ({ open, post }) {
	const page = await open();
	await state(page, 'live').waitFor();
	await post({
		$schema: '/test/event/1.0.0',
		meta: { stream: 'test.event', domain: attack, request_id: attack, id: attack },
		test: attack,
		test_map: { [attack]: attack, __proto__x: attack },
	});
	const line = events(page).filter({ hasText: 'onerror' });
	await line.waitFor();
	await line.locator('summary').click();
	const shown = await line.locator('pre').innerText();
	assert.equal(JSON.parse(shown).test, attack, 'the text is shown as it was sent');
	assert.equal(await page.locator('main img, main script').count(), 0);
	assert.equal(await page.title(), 'eventplatform');
}

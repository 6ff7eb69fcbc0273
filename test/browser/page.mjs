// The places of the page that scenarios look at.
export const events = (page) => page.locator('.events-row');
export const state = (page, kind) => page.locator(`[data-state=${kind}]`);
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const detail = (page) => page.locator('#event-detail');
export const filter = (page) => page.getByRole('combobox', { name: 'Filter' });
export const verdict = (page, status) => page.locator(`[data-verdict="${status}"]`);

/** The address of the page Live for some streams. */
export const live = (streams, more = '') => `/v2/ui?streams=${streams}${more}`;

/** An event of the stream for tests. */
export const testEvent = (test) => ({ $schema: '/test/event/1.0.0', meta: { stream: 'test.event' }, test });

// The places of the page that scenarios look at.
export const events = (page) => page.getByRole('list', { name: 'Events, newest first' }).getByRole('listitem');
export const state = (page, kind) => page.locator(`[data-state=${kind}]`);
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const answer = (page) => page.locator('.send-answer');

/** An event of the stream for tests. */
export const testEvent = (test) => ({ $schema: '/test/event/1.0.0', meta: { stream: 'test.event' }, test });

// Runs one scenario: node run.mjs SCENARIO BASE ARTIFACTS CHROMIUM. What is printed goes to the test's log; the exit code is the verdict.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [name, base, artifacts, command] = process.argv.slice(2);
const { default: scenario } = await import(`./${name}.mjs`);

const browser = await chromium.launch({
	executablePath: path.isAbsolute(command) ? command : execFileSync('which', [command], { encoding: 'utf8' }).trim(),
	args: [
		...(process.getuid() === 0 ? ['--no-sandbox'] : []),
		'--disable-gpu',
		'--disable-quic',
		'--no-first-run',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
});
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const problems = [];

// A scenario that takes longer than this hangs. It ends here, because here the browser can be ended with it.
setTimeout(async () => {
	console.log(`${name} has not ended after four minutes`, ...problems);
	await browser.close();
	process.exit(1);
}, 240_000).unref();

try {
	await scenario({
		base,
		/** Opens the page in a window of its own. What the page complains of fails the scenario, but for what expected says. */
		async open({ expected = /^$/, path: at = '/', init, ...options } = {}) {
			const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
			if (init) {
				await context.addInitScript(init);
			}
			const page = await context.newPage();
			page.setDefaultTimeout(45_000);
			page.on('pageerror', (error) => problems.push(`error in the page: ${error.message}`));
			page.on('console', (message) => {
				if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) {
					problems.push(`console: ${message.text()} (${message.location().url})`);
				}
			});
			page.on('request', (request) => {
				if (!request.url().startsWith(base) && !request.url().startsWith('data:')) {
					problems.push(`the page asks another host: ${request.url()}`);
				}
			});
			await page.goto(base + at);
			return page;
		},
		/** Keeps a picture among the test's artifacts. */
		shot: (page, file, options) => page.screenshot({ path: path.join(artifacts, file), ...options }),
		/** Has the server killed and started again at the same address. */
		async restart() {
			console.log('@restart');
			await input.next();
		},
		/** Posts an event, or a list of them, past the page. */
		async post(event, status = 201) {
			const response = await fetch(`${base}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) });
			if (response.status !== status) {
				throw new Error(`POST /v1/events: ${response.status} ${await response.text()}`);
			}
		},
	});
} catch (error) {
	problems.push(error.stack);
} finally {
	await browser.close();
}
problems.forEach((problem) => console.log(problem));
process.exit(problems.length === 0 ? 0 : 1);

import { at } from '../shell/root';

/** Gets an answer of the page's own API. Its error says what the server says is wrong. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
	const response = await fetch(at(`ui/api/${path}`), { cache: 'no-store', ...init });
	if (!response.ok) {
		throw new Error(await refusal(response));
	}
	return (await response.json()) as T;
}

/** Says in a line why the server refuses: its status, and the detail of its problem document if it sent one. */
export async function refusal(response: Response): Promise<string> {
	const status = `${response.status} ${response.statusText}`.trim();
	const text = await response.text().catch(() => '');
	try {
		const problem: unknown = JSON.parse(text);
		if (problem !== null && typeof problem === 'object') {
			const { title, detail, message } = problem as Record<string, unknown>;
			const words = [...new Set([title, detail, message])].filter((part) => typeof part === 'string' && part !== '' && part !== response.statusText);
			return words.length > 0 ? `${status}: ${words.join(': ')}` : status;
		}
	} catch {
		// Not JSON: a proxy's page, which has nothing to say that the status does not.
	}
	return status;
}

/** What an error says. */
export function words(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

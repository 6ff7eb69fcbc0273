import { type Message, StreamParser } from './sse';

/** Where a followed stream is in its life. */
export type State =
	| { kind: 'idle' }
	| { kind: 'connecting' }
	| { kind: 'live' }
	/** The connection was lost or could not be made; it is tried again after so many seconds. */
	| { kind: 'waiting'; attempt: number; seconds: number; reason: string }
	/** The server refuses this request whenever it is made; nothing is tried again. */
	| { kind: 'refused'; reason: string };

/** What follow needs from the world; tests give their own. */
export interface World {
	fetch(url: string, init: RequestInit): Promise<Response>;
	/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
	wait(milliseconds: number, signal: AbortSignal): Promise<void>;
	/** A number from 0 to 1, so that not all clients come back in the same moment. */
	random(): number;
}

/** Events that the server cannot deliver, as it announces them. */
export interface Gap {
	topic: string;
	partition: number;
	reason: string;
}

export interface Follower {
	state(state: State): void;
	gap(gap: Gap): void;
	message(message: Message): void;
}

/** A connection on which not even a heartbeat comes for this long is taken for dead. */
const silenceMilliseconds = 60_000;
const longestWaitSeconds = 30;

/**
 * Reads an event stream until the signal is aborted. After a loss it resumes from the last id it saw, so that nothing is missed and
 * nothing comes twice.
 */
export async function follow(url: string, follower: Follower, signal: AbortSignal, world: World = browser): Promise<void> {
	let lastEventId = '';
	let attempt = 0;
	while (!signal.aborted) {
		follower.state({ kind: 'connecting' });
		let reason: string;
		let waitSeconds: number | undefined;
		try {
			const headers: Record<string, string> = { accept: 'text/event-stream' };
			if (lastEventId !== '') {
				headers['last-event-id'] = lastEventId;
			}
			const response = await world.fetch(url, { headers, signal, cache: 'no-store' });
			reason = response.ok ? '' : await refusal(response);
			if (response.ok && response.body) {
				follower.state({ kind: 'live' });
				const parser = new StreamParser(lastEventId, (comment) => {
					const gap = readGap(comment);
					if (gap) {
						follower.gap(gap);
					}
				});
				try {
					for await (const piece of pieces(response.body, signal)) {
						attempt = 0;
						for (const message of parser.push(piece)) {
							follower.message(message);
						}
						lastEventId = parser.resumeId;
					}
				} finally {
					waitSeconds = parser.retry === undefined ? undefined : parser.retry / 1000;
				}
			} else if (response.status < 500 && response.status !== 408 && response.status !== 429) {
				follower.state({ kind: 'refused', reason });
				return;
			} else {
				waitSeconds = seconds(response.headers.get('retry-after'));
			}
		} catch (error) {
			reason = error instanceof Error ? error.message : String(error);
		}
		if (signal.aborted) {
			return;
		}
		attempt++;
		const backoff = Math.min(longestWaitSeconds, 2 ** (attempt - 1)) * (0.5 + world.random() / 2);
		const pause = Math.min(longestWaitSeconds, Math.max(waitSeconds ?? 0, backoff));
		follower.state({ kind: 'waiting', attempt, seconds: Math.ceil(pause), reason });
		await world.wait(pause * 1000, signal);
	}
}

/** Yields the body as text. Ends with an error when the server has fallen silent. */
async function* pieces(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let silence: ReturnType<typeof setTimeout> | undefined;
	const cancel = () => void reader.cancel().catch(() => undefined);
	signal.addEventListener('abort', cancel);
	try {
		for (;;) {
			silence = setTimeout(cancel, silenceMilliseconds);
			const { done, value } = await reader.read();
			clearTimeout(silence);
			if (done) {
				return;
			}
			yield decoder.decode(value, { stream: true });
		}
	} finally {
		clearTimeout(silence);
		signal.removeEventListener('abort', cancel);
		cancel();
	}
}

/** Gaps are announced in comments, ": gap {…}", because other clients would take a message of its own for an event. */
function readGap(comment: string): Gap | undefined {
	if (!comment.startsWith('gap ')) {
		return undefined;
	}
	try {
		const { topic, partition, reason } = JSON.parse(comment.slice(4)) as Gap;
		return { topic: String(topic), partition: Number(partition), reason: String(reason) };
	} catch {
		return { topic: '', partition: 0, reason: comment.slice(4) };
	}
}

/** Says in a line why the server did not give the stream: its status, and the detail of its problem document if it sent one. */
async function refusal(response: Response): Promise<string> {
	const status = `${response.status} ${response.statusText}`.trim();
	const text = await response.text().catch(() => '');
	try {
		const problem: unknown = JSON.parse(text);
		if (problem !== null && typeof problem === 'object') {
			const { title, detail, message } = problem as Record<string, unknown>;
			const words = [title, detail, message].filter((part) => typeof part === 'string' && part !== '');
			return words.length > 0 ? `${status}: ${words.join(': ')}` : status;
		}
	} catch {
		// Not JSON: a proxy's page, which has nothing to say that the status does not.
	}
	return status;
}

function seconds(header: string | null): number | undefined {
	return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

const browser: World = {
	fetch: (url, init) => fetch(url, init),
	wait: (milliseconds, signal) =>
		new Promise((resolve) => {
			const timer = setTimeout(done, milliseconds);
			signal.addEventListener('abort', done);
			function done() {
				clearTimeout(timer);
				signal.removeEventListener('abort', done);
				resolve();
			}
		}),
	random: () => Math.random(),
};

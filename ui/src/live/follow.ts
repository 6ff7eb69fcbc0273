import { refusal } from '../api/ask';
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
 * nothing comes twice; if it saw none yet, from when it was connected first. address gives the stream's address, from a time on
 * (milliseconds since the epoch) if one is given.
 */
export async function follow(address: (since?: number) => string, follower: Follower, signal: AbortSignal, world: World = browser): Promise<void> {
	let lastEventId = '';
	let connected: number | undefined;
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
			const response = await world.fetch(address(lastEventId === '' ? connected : undefined), { headers, signal, cache: 'no-store' });
			reason = response.ok ? '' : await refusal(response);
			if (response.ok && response.body) {
				connected ??= dateOf(response);
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
							if (message.type === 'message' || message.type === 'error') {
								follower.message(message);
							}
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

/** When the server answered, in milliseconds since the epoch; undefined if it does not say. */
function dateOf(response: Response): number | undefined {
	const at = Date.parse(response.headers.get('date') ?? '');
	return Number.isNaN(at) ? undefined : at;
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

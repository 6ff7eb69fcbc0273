/** One message of a text/event-stream, as the HTML standard's parser would dispatch it. */
export interface Message {
	/** The event's type; "message" when the server named none. */
	type: string;
	data: string;
	/** The last id seen up to and including this message: what a client sends back to resume after it. */
	lastEventId: string;
}

/**
 * Parses a text/event-stream piece by piece (HTML standard, section 9.2.6).
 *
 * The page reads streams itself instead of through EventSource because a person who looks wants to know why a connection was
 * refused and when it is tried again, and because EventSource gives up for good on any answer that is not 200.
 */
export class StreamParser {
	/** Milliseconds the server asked clients to wait before they reconnect, if it did. */
	retry: number | undefined;

	/** The id to resume after: that of the last block that was complete, which need not have been a message. */
	resumeId: string;

	private rest = '';
	private data: string[] = [];
	private type = '';
	private started = false;

	/** Comments are handed to onComment without the space after the colon: they are heartbeats, and what only our page wants to know. */
	constructor(
		private lastEventId = '',
		private onComment: (text: string) => void = () => undefined,
	) {
		this.resumeId = lastEventId;
	}

	/** Takes the next piece of the stream and returns the messages that it completes. */
	push(piece: string): Message[] {
		if (!this.started && piece !== '') {
			this.started = true;
			piece = piece.replace(/^\uFEFF/, '');
		}
		const messages: Message[] = [];
		const text = this.rest + piece;
		let from = 0;
		for (;;) {
			const end = lineEnd(text, from);
			if (end === undefined) {
				break;
			}
			const message = this.line(text.slice(from, end.at));
			if (message) {
				messages.push(message);
			}
			from = end.next;
		}
		this.rest = text.slice(from);
		return messages;
	}

	private line(line: string): Message | undefined {
		if (line === '') {
			return this.dispatch();
		}
		const colon = line.indexOf(':');
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
		if (colon === 0) {
			this.onComment(value);
			return undefined;
		}
		if (field === 'data') {
			this.data.push(value);
		} else if (field === 'event') {
			this.type = value;
		} else if (field === 'id' && !value.includes('\0')) {
			this.lastEventId = value;
		} else if (field === 'retry' && /^\d+$/.test(value)) {
			this.retry = Number(value);
		}
		return undefined;
	}

	private dispatch(): Message | undefined {
		const { data, type, lastEventId } = this;
		this.data = [];
		this.type = '';
		this.resumeId = lastEventId;
		return data.length === 0 ? undefined : { type: type || 'message', data: data.join('\n'), lastEventId };
	}
}

/** Finds the end of the line that starts at from; undefined while it may still go on ("\r" at the end may be half of "\r\n"). */
function lineEnd(text: string, from: number): { at: number; next: number } | undefined {
	const feed = text.indexOf('\n', from);
	const line = feed < 0 ? text.length : feed;
	const carriage = text.slice(from, line).indexOf('\r');
	if (carriage < 0) {
		return feed < 0 ? undefined : { at: feed, next: feed + 1 };
	}
	const at = from + carriage;
	return at + 1 === text.length ? undefined : { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
}

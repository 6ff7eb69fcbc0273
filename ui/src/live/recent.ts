import type { Message } from './sse';

/** An event as it came, with the number of its arrival. */
export interface Arrival {
	number: number;
	data: string;
	lastEventId: string;
}

/** The newest arrivals, at most so many and about so many characters: what the page remembers, however long it stays open. */
export class Recent {
	/** How many came since the last clear. */
	total = 0;

	private ring: Arrival[] = [];
	private first = 0;
	private numbered = 0;
	private characters = 0;

	constructor(
		readonly most: number,
		readonly mostCharacters = Number.POSITIVE_INFINITY,
	) {}

	add(message: Message): void {
		const arrival = { number: ++this.numbered, data: message.data, lastEventId: message.lastEventId };
		this.ring.push(arrival);
		this.characters += size(arrival);
		this.total++;
		while (this.kept > this.most || (this.characters > this.mostCharacters && this.kept > 1)) {
			this.characters -= size(this.ring[this.first] as Arrival);
			this.first++;
		}
		if (this.first > this.most) {
			this.ring = this.ring.slice(this.first); // now and then, so that an arrival costs the same however many there are
			this.first = 0;
		}
	}

	/** How many are remembered. */
	get kept(): number {
		return this.ring.length - this.first;
	}

	clear(): void {
		this.ring = [];
		this.first = 0;
		this.characters = 0;
		this.total = 0;
	}

	/** The remembered arrivals, newest first. */
	newestFirst(): Arrival[] {
		return this.ring.slice(this.first).reverse();
	}
}

function size(arrival: Arrival): number {
	return arrival.data.length + arrival.lastEventId.length;
}

/** Events a second over the last few seconds. */
export class Rate {
	private counts = new Map<number, number>();
	private began: number | undefined;

	constructor(readonly windowSeconds = 5) {}

	/** Counts one event at a time given in milliseconds. */
	count(now: number): void {
		const second = Math.floor(now / 1000);
		this.began ??= second;
		this.counts.set(second, (this.counts.get(second) ?? 0) + 1);
	}

	/** The mean of the full seconds before now that are in the window. */
	perSecond(now: number): number {
		const second = Math.floor(now / 1000);
		let sum = 0;
		for (const [at, count] of this.counts) {
			if (at < second - this.windowSeconds) {
				this.counts.delete(at);
			} else if (at < second) {
				sum += count;
			}
		}
		const full = Math.min(this.windowSeconds, second - (this.began ?? second));
		return full === 0 ? 0 : sum / full;
	}
}

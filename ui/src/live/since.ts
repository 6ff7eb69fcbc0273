/*
 * From when events are wanted, as it stands in the address: "" is now, "-15m" so long ago (s, m, h, d), else a time (ISO 8601).
 */

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The moment in milliseconds since the epoch; undefined for now, and for what says no time. */
export function momentOf(since: string, now: number): number | undefined {
	const relative = /^-(\d{1,6})([smhd])$/.exec(since);
	if (relative) {
		return now - Number(relative[1]) * units[relative[2] as keyof typeof units];
	}
	const moment = since === '' ? Number.NaN : Date.parse(since);
	return Number.isNaN(moment) ? undefined : moment;
}

/** A moment as the browser's field for dates and times wants it: local time without a zone. */
export function localText(moment: number): string {
	const date = new Date(moment);
	return new Date(moment - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

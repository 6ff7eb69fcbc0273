import { ref } from 'vue';
import { locale } from '../i18n';

/** How long ago something was, in the reader's words: "5 seconds ago". */
export function ago(moment: string, now: number): string {
	const seconds = Math.max(0, Math.round((now - Date.parse(moment)) / 1000));
	const units: [Intl.RelativeTimeFormatUnit, number][] = [
		['second', 1],
		['minute', 60],
		['hour', 3600],
		['day', 86_400],
	];
	const [unit, length] = units.findLast(([, length]) => seconds >= length) ?? ['second', 1];
	return new Intl.RelativeTimeFormat(locale(), { numeric: 'always', style: 'short' }).format(-Math.floor(seconds / length), unit);
}

/** How long something lasts: "3 days, 2 hours", the two largest units. */
export function lasting(seconds: number): string {
	const parts: [string, number][] = [
		['day', Math.floor(seconds / 86_400)],
		['hour', Math.floor(seconds / 3600) % 24],
		['minute', Math.floor(seconds / 60) % 60],
		['second', Math.floor(seconds) % 60],
	];
	const first = parts.findIndex(([, count]) => count > 0);
	const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([, count]) => count > 0);
	const texts = shown.map(([unit, count]) => new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count));
	return new Intl.ListFormat(locale(), { style: 'narrow', type: 'unit' }).format(texts);
}

/** The time now in milliseconds since the epoch, so that "5 seconds ago" stays true. One clock serves the whole page. */
export const now = ref(Date.now());

/** Has the clock go, for as long as the page is open. */
export function startClock(): void {
	setInterval(() => {
		now.value = Date.now();
	}, 1000);
}

/** A number in the reader's digits, shortened if it is long: 1.2M. */
export function short(value: number): string {
	return new Intl.NumberFormat(locale(), { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** A number of bytes: 1.5 MB. */
export function bytes(count: number): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
	const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
	return new Intl.NumberFormat(locale(), { style: 'unit', unit: units[power], maximumFractionDigits: 1 }).format(count / 1000 ** power);
}

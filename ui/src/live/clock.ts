const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** The reader's local time of day to the second. One formatter serves all lines: making one costs more than using it. */
export function clockTime(moment: Date): string {
	return clock.format(moment);
}

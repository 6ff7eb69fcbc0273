export interface Series {
	labels?: Record<string, string>;
	value: number;
}

export interface Family {
	name: string;
	help?: string;
	type?: string;
	sum: number;
	series: Series[];
}

export interface Consumer {
	streams: string[];
	address: string;
	user_agent: string;
	since: string;
	events: number;
	bytes: number;
	silent_seconds: number;
	behind_records: number;
	behind_seconds: number;
}

/** How the services are. */
export interface HealthReport {
	time: string;
	ready: boolean;
	version: string;
	go: string;
	uptime_seconds: number;
	kafka: { reachable: boolean; embedded: boolean; cluster?: string; brokers: number[]; millis: number; error?: string };
	others: { name: string; ok: boolean; version?: string; error?: string }[];
	schemas: { base: string; revision: string }[];
	clients: number;
	addresses: number;
	most: number;
	limit: number;
	consumers: Consumer[];
	metrics: Family[];
}

/** The sum of a metric's series; undefined if the service does not have the metric. */
export function total(metrics: Family[], name: string): number | undefined {
	return metrics.find((family) => family.name === name)?.sum;
}

/** A metric's sums by the value of one label, greatest first. */
export function by(metrics: Family[], name: string, label: string): { name: string; value: number }[] {
	const sums = new Map<string, number>();
	for (const { labels, value } of metrics.find((family) => family.name === name)?.series ?? []) {
		const key = labels?.[label] ?? '';
		sums.set(key, (sums.get(key) ?? 0) + value);
	}
	return [...sums].map(([key, value]) => ({ name: key, value })).sort((a, b) => b.value - a.value);
}

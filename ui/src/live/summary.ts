/** What one line says of an event. */
export interface Summary {
	/** When it happened, as the event says it (ISO 8601); "" when it does not. */
	time: string;
	stream: string;
	/** The two or three fields that tell most. */
	fields: { name: string; value: string }[];
	/** Whether it is a canary: made by the platform to see that the stream is alive. */
	canary: boolean;
}

/** Fields that tell most, best first; of each group the first one present is taken. */
const telling: string[][] = [
	['type', 'page_change_kind', 'changelog_kind', 'action', 'log_type'],
	['title', 'page.page_title', 'page_title', 'test', 'message', 'name', 'url', 'http.request_headers.user-agent'],
	['user', 'performer.user_text', 'user_text', 'emitter_id'],
	['wiki', 'wiki_id', 'database', 'meta.domain'],
	['comment', 'revision.comment'],
];
const most = 3;
const longest = 200;

/** Reads the summary out of an event's JSON. Whatever is wrong with an event, it has a summary. */
export function summarise(data: string): Summary {
	let event: unknown;
	try {
		event = JSON.parse(data);
	} catch {
		event = undefined;
	}
	if (event === null || typeof event !== 'object') {
		return { time: '', stream: '', fields: [{ name: '', value: cut(data) }], canary: false };
	}
	const fields: Summary['fields'] = [];
	for (const group of telling) {
		const name = group.find((path) => scalar(at(event, path)) !== '');
		if (name !== undefined && fields.length < most) {
			fields.push({ name, value: cut(scalar(at(event, name))) });
		}
	}
	if (fields.length === 0) {
		for (const [name, value] of Object.entries(event)) {
			if (!name.startsWith('$') && name !== 'meta' && name !== 'dt' && scalar(value) !== '' && fields.length < most) {
				fields.push({ name, value: cut(scalar(value)) });
			}
		}
	}
	return {
		time: scalar(at(event, 'meta.dt')) || scalar(at(event, 'dt')),
		stream: scalar(at(event, 'meta.stream')),
		fields,
		canary: at(event, 'meta.domain') === 'canary',
	};
}

function at(value: unknown, path: string): unknown {
	for (const name of path.split('.')) {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) {
			return undefined;
		}
		value = (value as Record<string, unknown>)[name];
	}
	return value;
}

function scalar(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function cut(text: string): string {
	return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

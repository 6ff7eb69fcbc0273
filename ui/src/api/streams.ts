/** A stream as the catalogue shows it. */
export interface Stream {
	name: string;
	description: string;
	schemaTitle: string;
	/** Set if the stream is going to be removed; successor is the stream to use instead and may be empty. */
	deprecated?: { successor: string };
}

/**
 * Asks the stream configuration service for the streams that can be followed: those with a name of their own (not patterns) and with topics.
 * The service answers errors with status 200, so the body decides. It lets its answers be kept for minutes, which is too long for one who has just
 * declared a stream.
 */
export async function listStreams(get: (url: string) => Promise<Response> = (url) => fetch(url, { cache: 'no-cache' })): Promise<Stream[]> {
	const response = await get('/w/api.php?action=streamconfigs&format=json');
	if (!response.ok) {
		throw new Error(`${response.status} ${response.statusText}`.trim());
	}
	const answer = (await response.json()) as {
		error?: { code?: string; info?: string };
		streams?: Record<string, { description?: unknown; schema_title?: unknown; topics?: unknown; deprecated?: unknown }>;
	};
	if (answer.error) {
		throw new Error(answer.error.info ?? answer.error.code ?? 'streamconfigs');
	}
	return Object.entries(answer.streams ?? {})
		.filter(([name, settings]) => !name.startsWith('/') && Array.isArray(settings.topics) && settings.topics.length > 0)
		.map(([name, settings]) => ({
			name,
			description: typeof settings.description === 'string' ? settings.description : '',
			schemaTitle: typeof settings.schema_title === 'string' ? settings.schema_title : '',
			deprecated: deprecation(settings.deprecated),
		}));
}

/** What the setting "deprecated" says: true, or an object that may name a successor. */
function deprecation(setting: unknown): Stream['deprecated'] {
	if (!setting) {
		return undefined;
	}
	const { successor } = setting as { successor?: unknown };
	return { successor: typeof successor === 'string' ? successor : '' };
}

/** The streams that match what is typed: all words, anywhere in name, title or description. */
export function search(streams: Stream[], typed: string): Stream[] {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	return streams.filter((stream) => {
		const text = `${stream.name} ${stream.schemaTitle} ${stream.description}`.toLowerCase();
		return words.every((word) => text.includes(word));
	});
}

/** The address at which these streams are read together. */
export function streamPath(names: string[]): string {
	return `/v2/stream/${names.map(encodeURIComponent).join(',')}`;
}

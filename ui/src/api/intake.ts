/** What the intake answered to an event. */
export interface Answer {
	accepted: boolean;
	/** The status line, for example "201 All 1 out of 1 events were accepted." */
	status: string;
	/** Why events were refused, one line each; empty when the answer gives no reasons. */
	reasons: string[];
	/** The body as it came. */
	body: string;
}

/** Posts text as it is: what is wrong with it is for the intake to say. */
export async function postEvent(text: string, post: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init)): Promise<Answer> {
	const response = await post('/v1/events', { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
	const body = await response.text();
	return {
		accepted: response.status === 201 || response.status === 202,
		status: `${response.status} ${response.statusText}`.trim(),
		reasons: reasons(body),
		body,
	};
}

/** Reads the reasons out of the body: those of each event, or the detail of a problem document. */
function reasons(body: string): string[] {
	let answer: unknown;
	try {
		answer = JSON.parse(body);
	} catch {
		return [];
	}
	if (answer === null || typeof answer !== 'object') {
		return [];
	}
	const { invalid, error, detail } = answer as { invalid?: unknown; error?: unknown; detail?: unknown };
	const perEvent = [invalid, error].filter(Array.isArray).flat() as { context?: { errorsText?: unknown; message?: unknown } }[];
	return [...perEvent.map((entry) => entry.context?.errorsText ?? entry.context?.message), detail].filter(
		(reason): reason is string => typeof reason === 'string' && reason !== '',
	);
}

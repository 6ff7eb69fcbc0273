const key = 'eventplatform-sample';

/** Keeps an event's text for the page Try, also when that is loaded anew. */
export function keepSample(text: string): void {
	try {
		sessionStorage.setItem(key, text);
	} catch {
		// No storage, or none left: Try begins with its own example.
	}
}

/** The text that was kept for Try; it is given once. */
export function takeSample(): string | null {
	try {
		const text = sessionStorage.getItem(key);
		sessionStorage.removeItem(key);
		return text;
	} catch {
		return null;
	}
}

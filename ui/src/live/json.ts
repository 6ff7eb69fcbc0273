/**
 * Lays JSON out over lines without reading it into values: numbers, key order, escapes and duplicate keys stay exactly as they came, which
 * JSON.parse and JSON.stringify would not keep (12345678901234567890, 1.0). Text that is no JSON comes back as it is.
 */
export function layOut(text: string, indent = '  '): string {
	try {
		JSON.parse(text);
	} catch {
		return text;
	}
	const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
	let out = '';
	let depth = 0;
	tokens.forEach((token, i) => {
		const before = tokens[i - 1];
		if (token === '}' || token === ']') {
			depth--;
			out += before === '{' || before === '[' ? token : `\n${indent.repeat(depth)}${token}`;
			return;
		}
		if (before === '{' || before === '[' || before === ',') {
			out += `\n${indent.repeat(depth)}`;
		}
		out += token === ':' ? ': ' : token;
		if (token === '{' || token === '[') {
			depth++;
		}
	});
	return out;
}

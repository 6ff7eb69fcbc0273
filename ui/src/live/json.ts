/** A JSON value as it is written: numbers, key order, escapes and duplicate keys stay as they came. */
export type Part =
	| { kind: 'object' | 'array'; members: Member[] }
	/** text is the token as it is written. */
	| { kind: 'string' | 'number' | 'literal'; text: string };

/** One member of an object, or element of an array: its name or index, as it is written too. */
export interface Member {
	key: string;
	raw: string;
	value: Part;
}

/**
 * Reads JSON text into parts. JSON.parse would not keep everything (12345678901234567890, 1.0); it only decides whether the text is JSON.
 * undefined if it is not.
 */
export function parts(text: string): Part | undefined {
	try {
		JSON.parse(text);
	} catch {
		return undefined;
	}
	const tokens = tokensOf(text);
	let next = 0;
	function value(): Part {
		const token = tokens[next++] as string;
		if (token === '{' || token === '[') {
			const members: Member[] = [];
			const end = token === '{' ? '}' : ']';
			while (tokens[next] !== end) {
				let raw = String(members.length);
				if (token === '{') {
					raw = tokens[next] as string;
					next += 2; // the key and the colon
				}
				members.push({ key: token === '{' ? (JSON.parse(raw) as string) : raw, raw, value: value() });
				if (tokens[next] === ',') {
					next++;
				}
			}
			next++;
			return { kind: token === '{' ? 'object' : 'array', members };
		}
		return { kind: token.startsWith('"') ? 'string' : /^[tfn]/.test(token) ? 'literal' : 'number', text: token };
	}
	return value();
}

function tokensOf(text: string): string[] {
	return text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
}

/** Lays JSON out over lines, every token as it came. Text that is no JSON comes back as it is. */
export function layOut(text: string, indent = '  '): string {
	const whole = parts(text);
	return whole === undefined ? text : write(whole, indent, '\n');
}

function write(part: Part, indent: string, line: string): string {
	if (!('members' in part)) {
		return part.text;
	}
	const [open, close] = part.kind === 'object' ? '{}' : '[]';
	if (part.members.length === 0) {
		return `${open}${close}`;
	}
	const inner = part.members.map(({ raw, value }) => {
		const name = part.kind === 'object' ? `${raw}: ` : '';
		return `${line}${indent}${name}${write(value, indent, line + indent)}`;
	});
	return `${open}${inner.join(',')}${line}${close}`;
}

/** Writes JSON as YAML, block style. Texts stay quoted as in JSON where YAML could read them as something else. */
export function toYAML(text: string): string {
	const whole = parts(text);
	return whole === undefined ? text : yaml(whole, '').replace(/^\n/, '').replace(/^ /, '') + '\n';
}

function yaml(part: Part, indent: string): string {
	if (!('members' in part)) {
		return ` ${part.kind === 'string' ? yamlText(part.text) : part.text}`;
	}
	if (part.members.length === 0) {
		return part.kind === 'object' ? ' {}' : ' []';
	}
	return part.members
		.map(({ key, value }) => {
			const nested = 'members' in value && value.members.length > 0;
			const written = yaml(value, `${indent}  `);
			if (part.kind === 'array') {
				return `\n${indent}-${nested && value.kind === 'object' ? ` ${written.trimStart()}` : written}`;
			}
			return `\n${indent}${yamlText(JSON.stringify(key))}:${written}`;
		})
		.join('');
}

/** A JSON string as YAML: without quotes if it is words of letters that mean nothing else. */
function yamlText(quoted: string): string {
	const text = JSON.parse(quoted) as string;
	const plain = /^[A-Za-z/$][\w ./$()-]*$/.test(text) && !text.endsWith(' ') && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text);
	return plain ? text : JSON.stringify(text);
}

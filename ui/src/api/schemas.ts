/** A schema in the repositories. */
export interface SchemaTitle {
	title: string;
	/** Oldest first. */
	versions: string[];
	streams?: string[];
}

export interface SchemaField {
	path: string;
	type: string;
	required: boolean;
	description?: string;
	/** Other keywords of the field, as JSON. */
	rules?: Record<string, unknown>;
	default?: unknown;
	examples?: unknown[];
}

export interface SchemaVersion {
	title: string;
	version: string;
	uri: string;
	description?: string;
	versions: string[];
	streams?: string[];
	fields: SchemaField[];
	document: string;
	yaml: string;
}

export interface SchemaChange {
	kind: 'added' | 'removed' | 'changed';
	path: string;
	what?: string;
	was?: unknown;
	is?: unknown;
	type?: string;
	breaking: boolean;
}

export interface SchemaDiff {
	title: string;
	from: string;
	to: string;
	compatible: boolean;
	changes: SchemaChange[];
}

/** A folder of the tree of titles: what is in it, folders first. */
export interface Folder {
	name: string;
	folders: Folder[];
	schemas: { name: string; title: string; versions: string[] }[];
}

/** Arranges titles such as mediawiki/page/change in folders. Folders that hold nothing but one folder are joined with it. */
export function tree(schemas: SchemaTitle[]): Folder {
	const root: Folder = { name: '', folders: [], schemas: [] };
	for (const { title, versions } of schemas) {
		const names = title.split('/');
		let folder = root;
		for (const name of names.slice(0, -1)) {
			let next = folder.folders.find((one) => one.name === name);
			if (!next) {
				next = { name, folders: [], schemas: [] };
				folder.folders.push(next);
			}
			folder = next;
		}
		folder.schemas.push({ name: names.at(-1) ?? title, title, versions });
	}
	return { ...root, folders: root.folders.map(joined) };
}

function joined(folder: Folder): Folder {
	const folders = folder.folders.map(joined);
	const [only] = folders;
	return only && folders.length === 1 && folder.schemas.length === 0 ? { ...only, name: `${folder.name}/${only.name}` } : { ...folder, folders };
}

/** JSON on one line, cut if it is long. */
export function oneLine(value: unknown, most = 120): string {
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text.length > most ? `${text.slice(0, most)}…` : text;
}

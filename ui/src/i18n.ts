import { shallowRef } from 'vue';
import english from '../i18n/en.json';

/*
 * Texts in the format of banana-i18n: one JSON file a language, $1 for parameters, {{PLURAL:$1|one|other}}. Only what our messages
 * use of it is understood here; English is built in, other languages are loaded when the reader prefers one.
 */

type Messages = Record<string, unknown>;

const files = import.meta.glob<Messages>(['../i18n/*.json', '!../i18n/en.json', '!../i18n/qqq.json'], { import: 'default' });
const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ku-arab', 'ps', 'sd', 'ug', 'ur', 'yi']);

const language = shallowRef('en');
const messages = shallowRef<Messages>(english);

/** The language that numbers and times are written in. */
export function locale(): string {
	return language.value;
}

export type MessageKey = Exclude<keyof typeof english, '@metadata'>;

/** The message of that key in the reader's language, with its parameters filled in. Numbers are written as the language writes them. */
export function t(key: MessageKey, ...parameters: (string | number)[]): string {
	const own = messages.value[key];
	const text = typeof own === 'string' ? own : String(english[key]);
	return format(text, parameters, typeof own === 'string' ? language.value : 'en');
}

/** Fills a message's parameters in, plural forms first. */
export function format(text: string, parameters: (string | number)[], locale: string): string {
	return text
		.replace(/\{\{PLURAL:\$(\d+)\|([^}]*)\}\}/g, (_, index: string, forms: string) => plural(Number(parameters[Number(index) - 1]), forms.split('|'), locale))
		.replace(/\$(\d+)/g, (whole, index: string) => {
			const value = parameters[Number(index) - 1];
			return typeof value === 'number' ? value.toLocaleString(locale) : (value ?? whole);
		});
}

/** Forms are given in the order of the language's plural categories, the last one stands for all that follow. */
function plural(count: number, forms: string[], locale: string): string {
	const rules = new Intl.PluralRules(locale);
	const order = ['zero', 'one', 'two', 'few', 'many', 'other'].filter((name) => rules.resolvedOptions().pluralCategories.includes(name as Intl.LDMLPluralRule));
	return forms[Math.min(order.indexOf(rules.select(count)), forms.length - 1)] ?? '';
}

/** Chooses the language: ?uselang= of the address, else the first of the browser's that has messages, else English. */
export async function chooseLanguage(asked: string | null, preferred: readonly string[]): Promise<void> {
	const wanted = asked ?? preferred.map((tag) => tag.toLowerCase()).find((tag) => tag.startsWith('en') || load(tag)) ?? 'en';
	const loaded = await load(wanted)?.();
	messages.value = loaded ?? english;
	language.value = wanted === '' || Intl.PluralRules.supportedLocalesOf([wanted]).length === 0 ? 'en' : wanted;
	document.documentElement.lang = loaded ? language.value : 'en';
	document.documentElement.dir = rightToLeft.has(language.value) ? 'rtl' : 'ltr';
}

function load(tag: string) {
	return files[`../i18n/${tag}.json`] ?? files[`../i18n/${tag.split('-')[0]}.json`];
}

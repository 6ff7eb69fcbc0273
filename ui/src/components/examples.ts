import type { Stream } from '../api/streams';

/** The stream for trying things out: the first whose schema is the one for tests, else the one that installations have for it. */
export function testStream(streams: Stream[]): string {
	return streams.find((stream) => stream.schemaTitle === 'test/event')?.name ?? 'test.event';
}

/** An event that the schema for tests accepts. */
export function validExample(stream: string): string {
	return JSON.stringify({ $schema: '/test/event/1.0.0', meta: { stream }, test: 'hello' });
}

/** The same event with a mistake: a field is a number where the schema wants text. */
export function invalidExample(stream: string): string {
	return JSON.stringify({ $schema: '/test/event/1.0.0', meta: { stream }, test: 42 });
}

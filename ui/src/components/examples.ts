/** An event that every installation with the built-in schemas accepts. */
export const validExample = '{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":"hello"}';

/** The same event with a mistake: its field is a number where the schema wants text. */
export const invalidExample = '{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":42}';

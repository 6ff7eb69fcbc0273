// Package kafka is Kafka for the rest of the platform: records, a producer that says what became of every record, and a log that is read by
// offset and by time. It knows nothing of events, streams or HTTP.
//
// What it promises:
//
//   - Every record that is given to a [Producer] gets exactly one [Outcome], in bounded time, also when a broker hangs.
//   - An outcome without an error means that every in-sync replica has the record (acks=all), once (the producer is idempotent).
//   - No call waits for memory: past the bounds the outcome is [Overloaded].
//   - A [Log] never skips: records come in offset order, and an offset that retention has deleted is reported.
//   - What a person outside may see ([DeliveryError.Error]) never names brokers or addresses; the cause (errors.Unwrap) does.
//
// What it never does: use consumer groups, commit offsets, or create a topic by a side effect of asking for it (allow.auto.topic.creation), but for a
// producer that is told to leave new topics to the brokers' policy ([ProducerConfig.AskForTopics]).
package kafka

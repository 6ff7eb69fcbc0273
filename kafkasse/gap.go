package kafkasse

import (
	"strconv"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// gap says that records of a partition are missing from what a client gets: those from offset from (-1: not known) to before offset to.
type gap struct {
	tp       kafka.TopicPartition
	from, to int64
	reason   GapReason
}

// appendJSON appends the gap as clients are told it.
func (g gap) appendJSON(b []byte) []byte {
	b = append(b, `{"topic":`...)
	b = rawjson.AppendQuoted(b, []byte(g.tp.Topic))
	b = append(b, `,"partition":`...)
	b = strconv.AppendInt(b, int64(g.tp.Partition), 10)
	b = append(b, `,"from":`...)
	if g.from < 0 {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, g.from, 10)
	}
	b = append(b, `,"to":`...)
	b = strconv.AppendInt(b, g.to, 10)
	b = append(b, `,"reason":"`...)
	b = append(b, g.reason...)
	return append(b, `"}`...)
}

const gapHead = ": gap "

// appendComment appends the gap as a comment line of a stream. There is no blank line after it: it must not end an event that is not there.
func (g gap) appendComment(b []byte) []byte {
	b = append(b, gapHead...)
	b = g.appendJSON(b)
	return append(b, '\n')
}

package kafkasse

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strconv"

	"github.com/eventplatform/eventplatform/internal/rawjson"
	"github.com/eventplatform/eventplatform/kafka"
)

// position is where a reader of one partition is.
type position struct {
	next  int64 // offset of the next record
	time  int64 // ms since the epoch: reading the partition from this time on loses nothing
	print uint32
	era   uint32 // how often the partition has begun anew since it is read: offsets of another era mean nothing
}

// has says whether somebody who is at p has had what comes before q.
func (p position) has(q position) bool { return q.era < p.era || (q.era == p.era && q.next <= p.next) }

// Fingerprints have 30 bits. noPrint says that the record before the position is not known.
const (
	printBits = 30
	noPrint   = 1 << 31
)

// maxIDTime bounds the timestamps in ids, so that an entry's length is bounded; a later one (after the year 2286) repeats, it loses nothing.
const maxIDTime = 9_999_999_999_999

// maxID bounds the length of an id in bytes: HTTP servers and proxies on the way refuse longer headers.
const maxID = 8 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fingerprint tells a record from others with its timestamp. It is the same on every cluster that has a copy of the record.
func fingerprint(r *kafka.Record) uint32 {
	sum := mix(uint32(r.Timestamp) ^ mix(uint32(r.Timestamp>>32)))
	if r.Key != nil {
		sum = mix(crc32.Update(sum, castagnoli, r.Key) ^ uint32(len(r.Key)+1))
	}
	return mix(crc32.Update(sum, castagnoli, r.Value)) & (1<<printBits - 1)
}

// mix spreads a change of one bit over all of them (the finaliser of MurmurHash3, one to one).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// after is the position after a record.
func after(r *kafka.Record) position {
	return position{next: r.Offset + 1, time: r.Timestamp, print: fingerprint(r)}
}

// clusterTag is what ids carry of a cluster's id: four characters.
func clusterTag(id string) [4]byte {
	sum := crc32.Checksum([]byte(id), castagnoli)
	var tag [4]byte
	appendBase64(tag[:0], sum, 4)
	return tag
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// appendBase64 appends the lowest 6*n bits of v as n characters.
func appendBase64(dst []byte, v uint32, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, base64url[v>>(6*i)&63])
	}
	return dst
}

// parsePrint reads what appendBase64 wrote for a fingerprint.
func parsePrint(s string) (uint32, bool) {
	if s == "" {
		return noPrint, true
	}
	if len(s) != 5 {
		return 0, false
	}
	b, err := base64.RawURLEncoding.DecodeString("AAA" + s) // 8 characters are 6 bytes; the first 18 bits are zero
	if err != nil {
		return 0, false
	}
	return binary.BigEndian.Uint32(b[2:]), true
}

// idPrefix is the part of a partition's entry in an id that never changes.
func idPrefix(tp kafka.TopicPartition) []byte {
	b := append([]byte(nil), `{"topic":`...)
	b = rawjson.AppendQuoted(b, []byte(tp.Topic))
	b = append(b, `,"partition":`...)
	b = strconv.AppendInt(b, int64(tp.Partition), 10)
	return append(b, `,"timestamp":`...)
}

// appendEntry appends a partition's entry of an id.
func appendEntry(dst, prefix []byte, tag [4]byte, p position) []byte {
	dst = append(dst, prefix...)
	dst = strconv.AppendInt(dst, min(max(p.time, 0), maxIDTime), 10)
	dst = append(dst, `,"at":"`...)
	dst = append(dst, tag[:]...)
	dst = append(dst, '.')
	dst = strconv.AppendInt(dst, p.next, 10)
	dst = append(dst, '.')
	if p.print != noPrint {
		dst = appendBase64(dst, p.print, 5)
	}
	return append(dst, `"}`...)
}

// entryBound is the length that an entry never exceeds, with the comma after it.
func entryBound(topic string) int { return len(topic) + 100 + 1 }

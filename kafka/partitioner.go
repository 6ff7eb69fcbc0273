package kafka

import (
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// partitioner returns how keys choose partitions. Java clients, and so most of the world, hash with murmur2; librdkafka, and so what node-rdkafka
// wrote, with CRC-32 (its consistent_random). A topic whose keys must keep their partitions needs the same one on every side.
func partitioner(name string) (kgo.Partitioner, error) {
	switch name {
	case "", "murmur2":
		return kgo.StickyKeyPartitioner(nil), nil
	case "crc32":
		return kgo.StickyKeyPartitioner(func(key []byte, partitions int) int {
			return int(crc32.ChecksumIEEE(key) % uint32(partitions))
		}), nil
	}
	return nil, fmt.Errorf("partitioner %q: it is murmur2 (as Java) or crc32 (as librdkafka)", name)
}

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func compression(name string) (kgo.CompressionCodec, error) {
	if name == "" {
		name = "none"
	}
	c, ok := codecs[name]
	if !ok {
		return c, fmt.Errorf("compression %q: it is one of %s", name, strings.Join(slices.Sorted(maps.Keys(codecs)), ", "))
	}
	return c, nil
}

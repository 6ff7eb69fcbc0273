package realkafka

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const host = "127.0.0.1"

// broker is one node, at once broker and controller.
type broker struct {
	id         int // from 1
	port       int
	controller int    // its port
	dir        string // config, data and log
	java, libs string

	process
}

func (b *broker) addr() string   { return net.JoinHostPort(host, strconv.Itoa(b.port)) }
func (b *broker) config() string { return filepath.Join(b.dir, "server.properties") }

// brokerMemory is a broker's, which is enough for a test.
var brokerMemory = []string{"-Xms64m", "-Xmx256m"}

// properties of a node among the others. Sessions are short so that a broker that was killed is replaced in seconds.
func (b *broker) properties(all []*broker) string {
	var voters []string
	for _, o := range all {
		voters = append(voters, fmt.Sprintf("%d@%s:%d", o.id, host, o.controller))
	}
	replicas, minInSync := len(all), max(len(all)-1, 1)
	var s bytes.Buffer
	for _, line := range [][2]any{
		{"process.roles", "broker,controller"},
		{"node.id", b.id},
		{"controller.quorum.voters", strings.Join(voters, ",")},
		{"listeners", fmt.Sprintf("PLAINTEXT://%s,CONTROLLER://%s:%d", b.addr(), host, b.controller)},
		{"advertised.listeners", "PLAINTEXT://" + b.addr()},
		{"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"},
		{"controller.listener.names", "CONTROLLER"},
		{"log.dirs", filepath.ToSlash(filepath.Join(b.dir, "data"))},
		{"default.replication.factor", replicas},
		{"min.insync.replicas", minInSync},
		{"offsets.topic.replication.factor", replicas},
		{"transaction.state.log.replication.factor", replicas},
		{"transaction.state.log.min.isr", minInSync},
		{"offsets.topic.num.partitions", 3},
		{"transaction.state.log.num.partitions", 3},
		{"group.initial.rebalance.delay.ms", 0},
		{"broker.session.timeout.ms", 3000},
		{"broker.heartbeat.interval.ms", 1000},
		{"log.cleaner.dedupe.buffer.size", 2 << 20},
		{"message.max.bytes", 4 << 20},
	} {
		fmt.Fprintf(&s, "%s=%v\n", line[0], line[1])
	}
	return s.String()
}

// start runs the broker's process.
func (b *broker) start() error {
	return b.run(b.dir, b.java, b.libs, brokerMemory, "kafka.Kafka", b.config())
}

// Ports are chosen below those that systems give to outgoing connections (32768 and more on Linux, 49152 elsewhere): a client that tries again and again to
// reach a broker that is down would otherwise be given the broker's own port one day, be connected with itself, and keep the broker from coming back.
const lowestPort, highestPort = 15_000, 32_000

// FreePorts finds ports of the loopback address that nobody listens on at the moment.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range 100 * n {
		if len(ports) == n {
			break
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil || slices.Contains(ports, port) {
			continue
		}
		_ = l.Close()
		ports = append(ports, port)
	}
	if len(ports) < n {
		return nil, fmt.Errorf("no %d free ports between %d and %d", n, lowestPort, highestPort)
	}
	return ports, nil
}

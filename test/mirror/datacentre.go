package mirror

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/eventplatform/eventplatform/kafka"
	"github.com/eventplatform/eventplatform/test/realkafka"
)

// DataCentre is a Kafka cluster with an intake and a streamer.
type DataCentre struct {
	Name string

	cluster          *realkafka.Cluster
	log              *kafka.Log // to look at the cluster
	intake, streamer *service
}

// Intake is the URL that events are posted to.
func (d *DataCentre) Intake() string { return d.intake.url() + "/v1/events" }

// Streamer is the URL of the streams' service.
func (d *DataCentre) Streamer() string { return d.streamer.url() }

// describeServices prepares the two programs, when their cluster is there.
func (d *DataCentre) describeServices(o Options) error {
	ports, err := realkafka.FreePorts(2)
	if err != nil {
		return err
	}
	env := []string{"DATACENTER=" + d.Name, "KAFKA=" + d.cluster.Addrs()[0], "SCHEMAS=" + o.Schemas}
	describe := func(command string, port int) *service {
		return &service{
			program: o.Program, dir: o.Deploy, args: []string{command, "-c", command + ".yaml"}, env: env,
			logFile: filepath.Join(o.Work, d.Name, command+".log"), listen: fmt.Sprintf("127.0.0.1:%d", port),
		}
	}
	d.intake, d.streamer = describe("eventgate", ports[0]), describe("eventstreams", ports[1])
	return nil
}

// startCluster runs Kafka, whose topics have a past.
func (d *DataCentre) startCluster(ctx context.Context, o Options, past int) (err error) {
	if d.cluster, err = realkafka.Run(filepath.Join(o.Work, d.Name, "kafka"), 1); err != nil {
		return err
	}
	if d.log, err = kafka.NewLog(kafka.LogConfig{Connection: kafka.Connection{Brokers: d.cluster.Addrs()}}); err != nil {
		return err
	}
	return d.createTopics(ctx, past)
}

func (d *DataCentre) startServices(ctx context.Context) error {
	return together(func() error { return d.intake.start(ctx) }, func() error { return d.streamer.start(ctx) })
}

// Down ends everything in the data centre at once, as a power cut does. What Kafka has acknowledged stays on its disk.
func (d *DataCentre) Down() {
	d.intake.kill()
	d.streamer.kill()
	d.cluster.Kill(0)
}

// Up starts everything again, at the same addresses.
func (d *DataCentre) Up(ctx context.Context) error {
	if err := d.cluster.Revive(0); err != nil {
		return err
	}
	return d.startServices(ctx)
}

func (d *DataCentre) stop() {
	d.intake.kill()
	d.streamer.kill()
	if d.log != nil {
		d.log.Close()
	}
	if d.cluster != nil {
		d.cluster.Stop()
	}
}

func (d *DataCentre) logs() string {
	text := fmt.Sprintf("=== %s\n", d.Name)
	for _, s := range []*service{d.intake, d.streamer} {
		if s != nil {
			text += "--- " + s.args[0] + "\n" + s.logTail() + "\n"
		}
	}
	if d.cluster != nil {
		text += d.cluster.Logs()
	}
	return text
}

// createTopics creates this data centre's topics, with a past: records that were there and have been deleted, so that offsets here are higher by
// `past` than where the topic is mirrored to.
func (d *DataCentre) createTopics(ctx context.Context, past int) error {
	var specs []kafka.TopicSpec
	var records []*kgo.Record
	deletion := kmsg.NewPtrDeleteRecordsRequest()
	for stream, n := range partitions {
		topic := kmsg.NewDeleteRecordsRequestTopic()
		topic.Topic = d.Name + "." + stream
		specs = append(specs, kafka.TopicSpec{Name: topic.Topic, Partitions: n})
		for i := range n {
			for range past {
				records = append(records, &kgo.Record{Topic: topic.Topic, Partition: i, Value: []byte("deleted long ago")})
			}
			topic.Partitions = append(topic.Partitions, kmsg.DeleteRecordsRequestTopicPartition{Partition: i, Offset: int64(past)})
		}
		deletion.Topics = append(deletion.Topics, topic)
	}
	if err := d.log.EnsureTopics(ctx, specs); err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(d.cluster.Addrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("producing the past of %s: %w", d.Name, err)
	}
	answer, err := deletion.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil || p.LowWatermark != int64(past) {
				return fmt.Errorf("deleting the past of %s/%d: %w, it begins at %d", t.Topic, p.Partition, err, p.LowWatermark)
			}
		}
	}
	return nil
}

// records counts the records of one of the topics in this data centre.
func (d *DataCentre) records(ctx context.Context, topic string) (n int64, err error) {
	partitions, err := d.log.Partitions(ctx, []string{topic})
	if err != nil {
		return 0, err
	}
	bounds, err := d.log.Bounds(ctx, partitions)
	for _, b := range bounds {
		err = errors.Join(err, b.Err)
		n += b.End - b.Start
	}
	return n, err
}

package eventgate

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkHandle is what the core costs without HTTP and Kafka: events of about 1 KB that get an id, a time and two headers.
func BenchmarkHandle(b *testing.B) {
	g := wikimedia(b, &memory{count: true})
	one := click(`"page":{"id":5,"title":"Tea"},"comment":"` + strings.Repeat("clearer wording; ", 55) + `"`)
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprintf("%d events", n), func(b *testing.B) {
			body := []byte("[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]")
			req := &Request{Body: body, Header: http.Header{"User-Agent": {"agent/1"}, "X-Request-Id": {"req"}}, RemoteIP: "192.0.2.1"}
			var resp Response
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				g.Handle(context.Background(), req, &resp)
				if resp.Status != 201 {
					b.Fatalf("answered %d", resp.Status)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
		})
	}
}

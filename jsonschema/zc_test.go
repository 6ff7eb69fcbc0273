package jsonschema
import "testing"
func BenchmarkC(b *testing.B){ _,ss:=readVectors(b); _ = ss
 s:=compileFile(b,"/work/shared/data/schemas/primary/jsonschema/fragment/common/2.0.0.yaml")
 for n,ev:=range map[string]string{"full":`{"$schema":"/fragment/common/2.0.0","dt":"2021-01-01T00:00:00.0Z","meta":{"domain":"dolor","dt":"2021-01-01T00:00:00.0Z","id":"dolor","request_id":"dolor","stream":"dolor","uri":"http://example.org"}}`,
 "nometa":`{"$schema":"/fragment/common/2.0.0","dt":"2021-01-01T00:00:00.0Z"}`, "x":`{"$schema":"/fragment/common/2.0.0","meta":{"domain":"dolor","id":"dolor","request_id":"dolor","stream":"dolor"}}`,"y":`{"$schema":"/fragment/common/2.0.0","meta":{"domain":"dolor","id":"dolor","request_id":"dolor","stream":"dolor","uri":"http://example.org"}}`} {
 b.Run(n,func(b *testing.B){ e:=[]byte(ev); for b.Loop() { s.accepts(e)} }) }
}

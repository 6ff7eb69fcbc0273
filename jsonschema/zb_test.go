package jsonschema
import ("testing";"encoding/json";"bytes";"github.com/valyala/fastjson")
func zbEvents(b *testing.B) (ev [][]byte, ss []*Schema, n int) {
 vs, schemas := readVectors(b)
 for _,v:=range vs { if v.Example && v.Valid { var c bytes.Buffer; json.Compact(&c,[]byte(v.EventRaw)); ev=append(ev,c.Bytes()); ss=append(ss,schemas[v.Schema]); n+=c.Len() } }
 return
}
func BenchmarkZOurs(b *testing.B){ ev,ss,n:=zbEvents(b); b.SetBytes(int64(n)); b.ResetTimer(); for i:=0;i<b.N;i++ { for k:=range ev { if !ss[k].Valid(ev[k]) {b.Fatal()} } } }
func BenchmarkZFast(b *testing.B){ ev,_,n:=zbEvents(b); var p fastjson.Parser; b.SetBytes(int64(n)); b.ResetTimer(); for i:=0;i<b.N;i++ { for k:=range ev { p.ParseBytes(ev[k]) } } }

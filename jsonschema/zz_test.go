package jsonschema
import ("testing";"os";"path/filepath";"strings";"encoding/json")
func TestZZ(t *testing.T){
 dir:="/tmp/w/a/suite"
	load := func(uri string) ([]byte, error) {
		name, ok := strings.CutPrefix(uri, "http://localhost:1234/")
		if !ok { return nil, os.ErrNotExist }
		return os.ReadFile(filepath.Join(dir, "remotes", filepath.FromSlash(name)))
	}
 for d,draft := range map[string]Draft{"draft4":Draft4,"draft6":Draft6,"draft7":Draft7} {
 for _, pat := range []string{"*.json","optional/*.json","optional/format/*.json"} {
 fs,_:=filepath.Glob(dir+"/tests/"+d+"/"+pat)
 n,bad:=0,0
 for _,f:=range fs { b,_:=os.ReadFile(f); var cases []suiteCase; if err:=json.Unmarshal(b,&cases);err!=nil{t.Fatal(f,err)}
  for _,c:=range cases { o:=Options{Load:load,UnknownFormats:UnknownFormatsIgnore,Draft:draft}
   if strings.Contains(pat,"format/") {o.Formats=FormatsStrict}
   s,err:=Compile(c.Schema,o)
   if err!=nil { t.Errorf("%s %s: %s: %v",d,strings.TrimPrefix(f,dir),c.Description,err);bad++;continue}
   for _,te:=range c.Tests { n++; println(f,c.Description,te.Description)
     g:=s.Valid(te.Data); e:=s.Validate(te.Data)
     if g!=(e==nil){t.Errorf("INCONSISTENT %s %s %s",f,c.Description,te.Description)}
     if g!=te.Valid { bad++; t.Errorf("%s %s: %s: %s: %.200s got %v",d,strings.TrimPrefix(f,dir),c.Description,te.Description,te.Data,g)}
   }}}
 t.Logf("=== %s %s: %d run, %d bad",d,pat,n,bad)
 }}
}

package kafkasse

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

func TestRender(t *testing.T) {
	const place = `"topic":"t","partition":1,"offset":7`
	r := newRenderer(kafka.TopicPartition{Topic: "t", Partition: 1}, &Config{})
	for _, c := range []struct{ value, key, want string }{
		{`{}`, "", `{"meta":{` + place + `}}`},
		{` {"a": 12345678901234567890 } `, "", `{"a": 12345678901234567890,"meta":{` + place + `}}`},
		{`{"meta":null,"x":1}`, "", `{"meta":{` + place + `},"x":1}`},
		{`{"meta":"","x":1}`, "", `{"meta":{` + place + `},"x":1}`},
		{`{"meta":false}`, "k", `{"meta":{` + place + `,"key":"k"}}`},
		{`{"meta":-0.0e5}`, "", `{"meta":{` + place + `}}`},
		{`{"meta":true}`, "", `{"meta":true}`},
		{`{"meta":1e-3}`, "", `{"meta":1e-3}`},
		{`{"meta":[]}`, "", `{"meta":[]}`},
		{`{"meta":{"a":1.0} ,"x":1}`, "", `{"meta":{"a":1.0,` + place + `} ,"x":1}`},
		{`{"meta":{"topic":"liar","offset":3,"b":[{}],"p\u0061rtition":null,"key":"own"}}`, "", `{"meta":{"b":[{}],"key":"own",` + place + `}}`},
		{`{"meta":{"key":"own"}}`, "k\n", `{"meta":{` + place + `,"key":"k\n"}}`},
		{`{"meta":{}}`, "\xff", `{"meta":{` + place + `,"key":"/w=="}}`},
		{`{"meta":"text"}`, "", `{"meta":"text"}`},
		{`{"meta":{"a":1},"meta":{"b":2}}`, "", `{"meta":{"a":1},"meta":{"b":2,` + place + `}}`},
		{"{\r\n \"a\":\n\"b\\n\"\n}", "", `{ "a":"b\n","meta":{` + place + `}}`},
		{"[1,\n2]\n", "", `[1,2]`},
		{"\ufeff{}", "", `{"meta":{` + place + `}}`},
		{"{\"bad\":\"\xff\xfe\"\n}", "", `{"bad":"` + "\ufffd\ufffd" + `","meta":{` + place + `}}`},
		{``, "", ""}, {`null`, "", ""}, {`1`, "", ""}, {`"s"`, "", ""}, {`{"a":1}{}`, "", ""}, {`{'a':1}`, "", ""}, {`{`, "", ""},
	} {
		rec := kafka.Record{Offset: 7, Value: []byte(c.value)}
		if c.key != "" {
			rec.Key = []byte(c.key)
		}
		got, ok := r.render(&rec)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%q:\n got %s\nwant %s", c.value, got, c.want)
		}
		if string(rec.Value) != c.value {
			t.Errorf("%q: the record was changed to %q", c.value, rec.Value)
		}
	}
	rec := kafka.Record{Key: []byte{}, Value: []byte(`{}`)}
	if got, _ := r.render(&rec); string(got) != `{"meta":{"topic":"t","partition":1,"offset":0,"key":""}}` {
		t.Errorf("empty key: %s", got)
	}
}

func TestTransform(t *testing.T) {
	r := newRenderer(kafka.TopicPartition{Topic: "t"}, &Config{Transform: func(dst []byte, topic string, value []byte) []byte {
		return append(dst, `{"topic":"`+topic+`","meta":{}}`...)
	}})
	got, _ := r.render(&kafka.Record{Value: []byte(`{"secret":1}`)})
	equal(t, "data", string(got), `{"topic":"t","meta":{"topic":"t","partition":0,"offset":0}}`)
}

// Hooks that return what they got must not have it overwritten by the next record.
func TestHooksThatReturnWhatTheyGot(t *testing.T) {
	r := newRenderer(kafka.TopicPartition{Topic: "t"}, &Config{
		Decode:    func(_ []byte, r *kafka.Record) ([]byte, error) { return r.Value, nil },
		Transform: func(_ []byte, _ string, value []byte) []byte { return value },
	})
	first, second := kafka.Record{Value: []byte(`{"a":1}`)}, kafka.Record{Value: []byte(`{"b":2}`)}
	r.render(&first)
	got, _ := r.render(&second)
	equal(t, "data", string(got), `{"b":2,"meta":{"topic":"t","partition":0,"offset":0}}`)
	equal(t, "the first record", string(first.Value), `{"a":1}`)
}

// A topic that holds something else than JSON is served by a hook.
func TestDecode(t *testing.T) {
	r := newRenderer(kafka.TopicPartition{Topic: "t"}, &Config{Decode: func(dst []byte, r *kafka.Record) ([]byte, error) {
		name, amount, ok := strings.Cut(string(r.Value), ";")
		if !ok {
			return nil, errors.New("no semicolon")
		}
		return fmt.Appendf(dst, `{"name":%q,"amount":%s}`, name, amount), nil
	}})
	got, _ := r.render(&kafka.Record{Value: []byte(`tea;3`)})
	equal(t, "data", string(got), `{"name":"tea","amount":3,"meta":{"topic":"t","partition":0,"offset":0}}`)
	if _, ok := r.render(&kafka.Record{Value: []byte(`tea`)}); ok {
		t.Error("what cannot be decoded is delivered")
	}
	if _, ok := r.render(&kafka.Record{Value: []byte(`tea;x`)}); ok {
		t.Error("what is decoded to no JSON is delivered")
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{`{"meta":{"topic":1}}`, "{\"a\":\n[1,{}]}", "\ufeff[]", `{"meta":{},"meta":null}`, "{\"a\":\"\xff\"}\r\n"} {
		f.Add([]byte(seed), []byte("k"))
	}
	f.Fuzz(func(t *testing.T, value, key []byte) {
		r := newRenderer(kafka.TopicPartition{Topic: "t"}, &Config{})
		rec := kafka.Record{Key: key, Value: value}
		before := string(value)
		data, ok := r.render(&rec)
		if string(value) != before {
			t.Fatal("the record was changed")
		}
		if !ok {
			return
		}
		for _, c := range data {
			if c == '\n' || c == '\r' {
				t.Fatalf("%q does not stand on one line", data)
			}
		}
		if !json.Valid(data) {
			t.Fatalf("%q became %q", value, data)
		}
	})
}

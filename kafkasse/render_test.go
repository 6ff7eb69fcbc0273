package kafkasse

import (
	"encoding/json"
	"testing"

	"github.com/eventplatform/eventplatform/kafka"
)

func TestRender(t *testing.T) {
	const place = `"topic":"t","partition":1,"offset":7`
	r := newRenderer(kafka.TopicPartition{Topic: "t", Partition: 1}, nil)
	for _, c := range []struct{ value, key, want string }{
		{`{}`, "", `{"meta":{` + place + `}}`},
		{` {"a": 12345678901234567890 } `, "", `{"a": 12345678901234567890,"meta":{` + place + `}}`},
		{`{"meta":null,"x":1}`, "", `{"meta":{` + place + `},"x":1}`},
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
	r := newRenderer(kafka.TopicPartition{Topic: "t"}, func(dst []byte, topic string, value []byte) []byte {
		return append(dst, `{"topic":"`+topic+`","meta":{}}`...)
	})
	got, _ := r.render(&kafka.Record{Value: []byte(`{"secret":1}`)})
	equal(t, "data", string(got), `{"topic":"t","meta":{"topic":"t","partition":0,"offset":0}}`)
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{`{"meta":{"topic":1}}`, "{\"a\":\n[1,{}]}", "\ufeff[]", `{"meta":{},"meta":null}`, "{\"a\":\"\xff\"}\r\n"} {
		f.Add([]byte(seed), []byte("k"))
	}
	f.Fuzz(func(t *testing.T, value, key []byte) {
		r := newRenderer(kafka.TopicPartition{Topic: "t"}, nil)
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

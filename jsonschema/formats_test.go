package jsonschema

import "testing"

// TestFormats has texts that both forms accept, that only ajv's does, that only the strict one does, and that neither does.
func TestFormats(t *testing.T) {
	for name, want := range map[string]map[acceptance][]string{
		"date": {
			both:   {"2020-02-29", "2020-12-31", "0000-01-01"},
			fast:   {"2019-02-29", "2020-19-39", "2020-00-10", "2020-10-00", "2020-04-31"},
			nobody: {"", "2020-2-1", "2020-20-01", "2020-01-40", "20200101", "2020-01-01x"},
		},
		"date-time": {
			both: {"2020-02-20T20:02:20Z", "2020-02-20t20:02:20.123456789z", "2020-12-31T23:59:60Z", "2020-02-20T20:02:20+05:30", "2020-02-20T20:02:20-00:00", "2020-02-29T00:00:00.0Z"},
			fast: {"2020-02-30T20:02:20Z", "2020-02-20 20:02:20Z", "2020-02-20\u00a020:02:20Z", "2020-02-20\ufeff20:02:20Z", "2020-02-20\n20:02:20Z", "2020-02-20T29:59:59Z",
				"2020-02-20T20:02:20+05", "2020-02-20T20:02:20+0530", "2020-02-20T20:02:20+99:99", "2020-12-31T23:59:60+01:00"},
			strict: {"2020-12-31T22:59:60-01:00", "2021-01-01T00:29:60+00:30"},
			nobody: {"", "2020-02-20T20:02:20", "2020-02-20T20:02Z", "2020-02-20T20:02:60Z", "2020-02-20T20:60:20Z", "2020-02-20T30:02:20Z", "2020-02-20T20:02:20,5Z",
				"2020-02-20T20:02:20.Z", "2020-02-20_20:02:20Z", "2020-02-20T20:02:20Z ", "2020-02-20T20:02:20ZZ", "2020-02-20T20:02:20+5:30", "2020-02-20"},
		},
		"time": {
			both:   {"20:02:20Z", "23:59:60Z", "20:02:20.5+01:00"},
			fast:   {"20:02:20", "29:00:00", "20:02:20+01"},
			nobody: {"", "20:02", "20:02:61Z", "20:02:20.Z", "2:02:20Z"},
		},
		"uri": {
			both:   {"http://a.b/c?d#e", "urn:x:y", "a:", "http://[::1]:80/x", "http://u:p@h:1", "mailto:a@b.c", "http://a/%20"},
			fast:   {"http://a/\"", "a:%", "http://[x]/", "http://h:x/", "http://a@b@c/", "http://é/"},
			nobody: {"", "a", "/a", "1a:b", "http://a b", ":a", "a:\u00a0"},
		},
		"uri-reference": {
			both:   {"", "a", "/a?b#c", "//h:80/x", "../x", "#a", "?x", "http://a.b/c", "a/b:c", "./a:b", "http://h?x:y"},
			fast:   {"a#b#c", "a%", "^", "é", "a\\b", "1a:b", "//h:x", "//a@b@c", "http://h:1:2", "a[b]"},
			nobody: {" ", "\\a", "a b", "a#\\", "\u2028"},
		},
		"iri":           {both: {"http://é/ü?ß"}, fast: {"é", " ", ""}},
		"iri-reference": {both: {"é", "/ü"}, fast: {" ", "\\"}},
		"email": {
			both:   {"a@b.c", "a.b+c@d-e.fg", "a@b"},
			fast:   {".a@b.c", "a..b@c.d", "a.@b.c"},
			strict: {`"a b"@c.d`, `"a\"b"@c.d`, "a@[127.0.0.1]", "a@[IPv6:::1]"},
			nobody: {"", "a", "@b", "a@", "a@-b", "a b@c.d", "a@b..c", "é@b.c", "a@[300.0.0.1]"},
		},
		"idn-email": {both: {"é@b.c", "a@b.c"}, fast: {"", "a", "@b"}},
		"hostname": {
			both:   {"a", "a.b-c.d", "1.2"},
			fast:   {"a.b.", "xn--X", "xn--l-fda"},
			nobody: {"", ".", "-a", "a-", "a..b", "a_b", "é", "a.b..", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		},
		"idn-hostname": {
			both: {"a.b", "실례.테스트", "bücher.example", "xn--bcher-kva.example", "l·l", "α͵β", "א״ב", "ァ・", "क्\u200dष", "بي\u200cبي", "a。b"},
			fast: {"", ".", "a.", "a..b", "-a", "a-", "〮실례", "\u0300a", "a·l", "α͵", "・", "٠۰", "क\u200dष", "aא", "xn--X", "xn--a", "ab--c", "\u00a0", "ﬁ"},
		},
		"ipv4": {both: {"0.0.0.0", "255.1.20.3"}, fast: {"01.2.3.4", "1.2.3.004"}, nobody: {"", "1.2.3", "256.1.1.1", "1.2.3.4.5", "1.2.3.4 ", "1..2.3", "0x1.2.3.4"}},
		"ipv6": {
			both:   {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "FE80::1"},
			fast:   {" ::1 ", "fe80::1%eth0", "::%a b"},
			nobody: {"", ":", "1", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::1.2.3", "::1.2.3.400", "1:2:3:4:5:6:7:1.2.3.4", "::%", "g::", "1:", ":1"},
		},
		"uuid": {
			both:   {"b0caf18d-6c7f-4403-947d-2712bbe28610", "B0CAF18D-6C7F-4403-947D-2712BBE28610"},
			fast:   {"urn:uuid:b0caf18d-6c7f-4403-947d-2712bbe28610"},
			nobody: {"", "b0caf18d6c7f4403947d2712bbe28610", "b0caf18d-6c7f-4403-947d-2712bbe2861g", "b0caf18d-6c7f-4403-947d-2712bbe286100"},
		},
		"uri-template":              {both: {"", "/a{b}", "{+x*}", "{x:10,y}", "%20", "é{?x,%20y}"}, strict: {"{a.b}", "it's"}, fast: {"a\x7f"}, nobody: {"{", "}", "{}", "{x:0}", "{x:10000}", "a b", "%2", "{x", "{x-y}"}},
		"json-pointer":              {both: {"", "/", "/a~0~1/b"}, nobody: {"a", "/~", "/~2", "#/a"}},
		"relative-json-pointer":     {both: {"0", "0#", "10/a"}, nobody: {"", "01", "/a", "-1/a", "0##"}},
		"json-pointer-uri-fragment": {both: {"#", "#/a%20~0"}, nobody: {"", "/a", "#a", "#/ ", "#/%2", "#/~"}},
		"regex":                     {both: {"", "^a$", `\d\\a`, "(?=a)"}, fast: {`\a`, `\z`}, nobody: {"(", `a\Z`, "a**", "[b-a]"}},
		"url":                       {both: {"http://a.bc", "https://u:p@foo.com:80/x", "ftp://1.2.3.4/"}, nobody: {"", "a.bc", "http://a.b", "http://10.0.0.1", "http://127.0.0.1", "gopher://a.bc", "http://-a.bc", "http://a.bc:1", "http://a.bc/ "}},
	} {
		for who, texts := range want {
			for _, text := range texts {
				if got := formatsByName[name]([]byte(text)); got != who {
					t.Errorf("%s %q: accepted by %d, want %d", name, text, got, who)
				}
			}
		}
	}
}

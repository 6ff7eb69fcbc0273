package builtin

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Demo writes demonstration events of the built-in streams: a few wikis with a few pages each, edited now and then by people and bots, so that a stream
// of them looks like the real one. It is not safe for concurrent use.
type Demo struct {
	random   *rand.Rand
	changes  int64
	revision map[string]int64
	length   map[string]int64
}

// NewDemo starts a demonstration; the same seed writes the same events but for their times.
func NewDemo(seed uint64) *Demo {
	return &Demo{
		random:   rand.New(rand.NewPCG(seed, seed)),
		changes:  1_000_000,
		revision: map[string]int64{},
		length:   map[string]int64{},
	}
}

type wiki struct {
	id, domain string
	titles     []string
}

var (
	wikis = []wiki{
		{"enwiki", "en.wiki.example.org", []string{"Tea", "Lighthouse", "Kafka (disambiguation)", "Glacier", "Theory of tides", "Talk:Tea"}},
		{"dewiki", "de.wiki.example.org", []string{"Tee", "Leuchtturm", "Gletscher", "Straße", "Gezeiten"}},
		{"frwiki", "fr.wiki.example.org", []string{"Thé", "Phare", "Glacier", "Marée"}},
		{"hewiki", "he.wiki.example.org", []string{"תה", "מגדלור", "קרחון"}},
		{"jawiki", "ja.wiki.example.org", []string{"茶", "灯台", "氷河"}},
		{"wikidata", "data.wiki.example.org", []string{"Q6097", "Q39715", "Q35666", "Q23384"}},
	}
	people   = []string{"Ada", "Grace", "Mwangi", "Øystein", "花子", "Noor", "203.0.113.7"}
	bots     = []string{"LinkBot", "TidyBot"}
	comments = []string{"typo", "source added", "clearer wording", "link mended", "undo the last change", "new section: history", "/* See also */ sorted"}
)

// Next returns the next moment's events as a JSON array for the intake: a change of a page as a line of recent changes and as a page change, and now and
// then a test event.
func (d *Demo) Next(now time.Time) []byte {
	w := wikis[d.random.IntN(len(wikis))]
	title := w.titles[d.random.IntN(len(w.titles))]
	page := w.id + "|" + title
	user, bot := people[d.random.IntN(len(people))], false
	if w.id == "wikidata" || d.random.IntN(5) == 0 {
		user, bot = bots[d.random.IntN(len(bots))], true
	}
	before, lengthBefore := d.revision[page], d.length[page]
	d.changes++
	kind, changelog := "edit", "update"
	if before == 0 {
		kind, changelog = "create", "insert"
	}
	after, lengthAfter := d.changes*3, max(20, lengthBefore+d.random.Int64N(400)-100)
	d.revision[page], d.length[page] = after, lengthAfter
	change := change{
		wiki: w, title: title, user: user, bot: bot, kind: kind, changelog: changelog,
		comment: comments[d.random.IntN(len(comments))], minor: d.random.IntN(3) == 0,
		number: d.changes, revisionOld: before, revisionNew: after, lengthOld: lengthBefore, lengthNew: lengthAfter,
		at: now,
	}
	events := []string{change.recentChange(), change.pageChange()}
	if d.random.IntN(10) == 0 {
		events = append(events, fmt.Sprintf(`{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","domain":"wiki.example.org"},"test":"demonstration %d"}`, d.changes))
	}
	return []byte("[" + strings.Join(events, ",") + "]")
}

type change struct {
	wiki                   wiki
	title, user, comment   string
	kind, changelog        string
	bot, minor             bool
	number                 int64
	revisionOld, lengthOld int64
	revisionNew, lengthNew int64
	at                     time.Time
}

func (c change) address() string {
	return "https://" + c.wiki.domain + "/wiki/" + strings.ReplaceAll(c.title, " ", "_")
}

func (c change) recentChange() string {
	kind := c.kind
	if kind == "create" {
		kind = "new"
	}
	return fmt.Sprintf(`{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"stream":"mediawiki.recentchange","domain":%q,"uri":%q},`+
		`"type":%q,"namespace":0,"title":%q,"comment":%q,"timestamp":%d,"user":%q,"bot":%t,"minor":%t,"id":%d,`+
		`"length":{"old":%s,"new":%d},"revision":{"old":%s,"new":%d},"server_name":%q,"server_url":%q,"wiki":%q}`,
		c.wiki.domain, c.address(), kind, c.title, c.comment, c.at.Unix(), c.user, c.bot, c.minor, c.number,
		orNull(c.lengthOld), c.lengthNew, orNull(c.revisionOld), c.revisionNew, c.wiki.domain, "https://"+c.wiki.domain, c.wiki.id)
}

func (c change) pageChange() string {
	at := c.at.UTC().Format("2006-01-02T15:04:05Z")
	parent := ""
	if c.revisionOld != 0 {
		parent = fmt.Sprintf(`"rev_parent_id":%d,`, c.revisionOld)
	}
	return fmt.Sprintf(`{"$schema":"/mediawiki/page/change/1.0.0","meta":{"stream":"mediawiki.page_change.v1","domain":%q,"uri":%q},"dt":%q,`+
		`"changelog_kind":%q,"page_change_kind":%q,"wiki_id":%q,"comment":%q,"page":{"page_id":%d,"page_title":%q,"namespace_id":0,"is_redirect":false},`+
		`"performer":{"user_text":%q,"is_bot":%t},"revision":{"rev_id":%d,%s"rev_dt":%q,"rev_size":%d,"is_minor_edit":%t}}`,
		c.wiki.domain, c.address(), at, c.changelog, c.kind, c.wiki.id, c.comment, pageID(c.wiki.id+c.title), c.title,
		c.user, c.bot, c.revisionNew, parent, at, c.lengthNew, c.minor)
}

func orNull(n int64) string {
	if n == 0 {
		return "null"
	}
	return strconv.FormatInt(n, 10)
}

// pageID is a number that stays the same for a page from one start to the next.
func pageID(page string) int {
	id := 0
	for _, c := range page {
		id = (id*31 + int(c)) % 1_000_003
	}
	return id
}

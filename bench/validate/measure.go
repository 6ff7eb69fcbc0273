package main

import (
	"encoding/json"
	"runtime"
	"time"

	"github.com/valyala/fastjson"
)

// result is what one event costs on average: times in nanoseconds.
type result struct {
	bytes, ours, allocs, fastjson, santhosh, parse float64
}

// measure lets every contestant go through all events again and again, in turns, and takes the best turn of each: what disturbs a turn only makes it longer.
func measure(subjects []subject, span time.Duration) result {
	n := len(events(subjects))
	r := result{}
	for _, event := range events(subjects) {
		r.bytes += float64(len(event)) / float64(n)
	}
	var parser fastjson.Parser
	ours := func() {
		for i := range subjects {
			for _, event := range subjects[i].events {
				if !subjects[i].ours.Validator.Valid(event) {
					panic("an example is not valid: " + subjects[i].name)
				}
			}
		}
	}
	theirs := func() {
		for i := range subjects {
			for _, event := range subjects[i].events {
				if _, err := parser.ParseBytes(event); err != nil {
					panic(err)
				}
			}
		}
	}
	santhosh := func() {
		for i := range subjects {
			for k := range subjects[i].values {
				if subjects[i].santhosh.Validate(subjects[i].values[k]) != nil {
					panic("an example is not valid there: " + subjects[i].name)
				}
			}
		}
	}
	parse := func() {
		for i := range subjects {
			for _, event := range subjects[i].events {
				var v any
				if json.Unmarshal(event, &v) != nil {
					panic("an example is not JSON: " + subjects[i].name)
				}
			}
		}
	}
	contestants := []struct {
		round func()
		into  *float64
	}{{ours, &r.ours}, {theirs, &r.fastjson}, {santhosh, &r.santhosh}, {parse, &r.parse}}
	for i := range subjects {
		if subjects[i].santhosh == nil {
			contestants = append(contestants[:2], contestants[3])
			break
		}
	}
	const turns = 25
	for range turns {
		for _, c := range contestants {
			if t := turn(c.round, span/turns) / float64(n); *c.into == 0 || t < *c.into {
				*c.into = t
			}
		}
	}
	r.allocs = allocations(ours) / float64(n)
	return r
}

// turn returns the nanoseconds that a round takes on average.
func turn(round func(), span time.Duration) float64 {
	round()
	rounds := 0
	start := time.Now()
	for time.Since(start) < span {
		for range 10 {
			round()
		}
		rounds += 10
	}
	return float64(time.Since(start)) / float64(rounds)
}

// allocations returns how many a round makes.
func allocations(round func()) float64 {
	const rounds = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		round()
	}
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / rounds)
}

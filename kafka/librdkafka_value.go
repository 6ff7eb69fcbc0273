package kafka

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// value is a setting's value as YAML or JSON had it.
type value struct{ any any }

func (v value) string() string {
	if f, ok := v.any.(float64); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strings.TrimSpace(fmt.Sprint(v.any))
}

// list accepts what librdkafka does, text with commas, and a list of texts.
func (v value) list() []string {
	var parts []string
	if l, ok := v.any.([]any); ok {
		for _, e := range l {
			parts = append(parts, value{e}.string())
		}
	} else {
		parts = strings.Split(v.string(), ",")
	}
	var list []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

func (v value) number(least, most float64) (float64, error) {
	f, err := strconv.ParseFloat(v.string(), 64)
	if err != nil || math.IsNaN(f) {
		return 0, fmt.Errorf("%q is no number", v.string())
	}
	if f < least || f > most {
		return 0, fmt.Errorf("%v is not between %v and %v", v.string(), strconv.FormatFloat(least, 'f', -1, 64), strconv.FormatFloat(most, 'f', -1, 64))
	}
	return f, nil
}

func (v value) int(least, most int) (int, error) {
	f, err := v.number(float64(least), float64(most))
	if err == nil && f != math.Trunc(f) {
		err = fmt.Errorf("%v is no whole number", v.string())
	}
	return int(f), err
}

func (v value) millis(least, most float64) (time.Duration, error) {
	f, err := v.number(least, most)
	return time.Duration(f * float64(time.Millisecond)), err
}

func (v value) bool() (bool, error) {
	switch strings.ToLower(v.string()) {
	case "true", "t", "1", "on":
		return true, nil
	case "false", "f", "0", "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", v.string())
}

// oneOf returns the value in lower case if it is one of the words.
func (v value) oneOf(words ...string) (string, error) {
	s := strings.ToLower(v.string())
	for _, w := range words {
		if s == w {
			return s, nil
		}
	}
	return "", fmt.Errorf("%q is none of %s", v.string(), strings.Join(words, ", "))
}

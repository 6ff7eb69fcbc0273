package config

import (
	"maps"
	"slices"
	"strings"
)

// nearestKey returns the known key that is most like the given one, and whether it is so like it that it must have been meant.
func nearestKey(key string, known fields) (nearest string, near bool) {
	best := -1
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		if d := distance(plain(key), plain(candidate)); best < 0 || d < best {
			best, nearest = d, candidate
		}
	}
	if best < 0 {
		return "", false
	}
	if best <= max(1, min(len(key), len(nearest))/4) {
		return nearest, true
	}
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		k, c := plain(key), plain(candidate)
		if len(k) >= 4 && len(c) >= 4 && (strings.HasPrefix(c, k) || strings.HasPrefix(k, c)) {
			return candidate, true
		}
	}
	return nearest, false
}

// plain leaves out what spellings of one name differ in.
func plain(key string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(key))
}

// distance is the number of letters to insert, remove, replace or swap with their neighbour to get from one text to the other.
func distance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

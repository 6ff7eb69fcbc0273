package eventgate

import "time"

// deadline is one of a connection. The HTTP library sets three for every request, each of which costs as much as looking several headers up. As it may be
// late by a little, the connection need not be told of most: most requests are read in one go, and the next one's deadline is hardly later.
type deadline struct {
	wanted time.Time
	set    time.Time     // what the connection was told
	late   time.Duration // by how much that may be later than what is wanted
}

// lateness is by which part of its distance a deadline may be late.
const lateness = 64

// apply tells the connection what is wanted if what it was told will not do.
func (d *deadline) apply(tell func(time.Time) error) error {
	if by := d.set.Sub(d.wanted); by >= 0 && by <= d.late {
		return nil
	}
	d.set, d.late = d.wanted, 0
	if !d.wanted.IsZero() {
		d.late = max(time.Until(d.wanted)/lateness, 0)
		d.set = d.wanted.Add(d.late)
	}
	return tell(d.set)
}

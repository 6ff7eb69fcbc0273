package jsonschema

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// dfa is a regular expression as a table for ASCII texts: one look-up a byte.
type dfa struct {
	class  [utf8.RuneSelf]uint8 // of each byte
	stride int                  // number of classes
	next   []uint16             // next[state*stride+class]
	final  []bool               // whether a text may end in the state
}

const (
	maxStates = 512
	// Two states have a meaning of their own.
	stateDead    = 0 // no match any more
	stateMatched = 1 // a match, whatever follows
)

// newDFA builds the table, nil if it would be large or the expression needs more than a table.
func newDFA(expr string) *dfa {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > 2000 {
		return nil
	}
	b := &dfaBuilder{prog: prog, dfa: &dfa{}, index: map[string]uint16{}}
	if !b.classes() {
		return nil
	}
	return b.build()
}

type dfaBuilder struct {
	prog  *syntax.Prog
	dfa   *dfa
	index map[string]uint16 // by the instructions of a state
	sets  [][]uint32
}

// classes groups the bytes that no instruction tells apart.
func (b *dfaBuilder) classes() bool {
	var signature [utf8.RuneSelf][]byte
	for i := range b.prog.Inst {
		inst := &b.prog.Inst[i]
		switch inst.Op {
		case syntax.InstEmptyWidth:
			if op := syntax.EmptyOp(inst.Arg); op != syntax.EmptyBeginText && op != syntax.EmptyEndText {
				return false
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for c := range rune(utf8.RuneSelf) {
				bit := byte('0')
				if inst.MatchRune(c) {
					bit = '1'
				}
				signature[c] = append(signature[c], bit)
			}
		}
	}
	known := map[string]uint8{}
	for c := range signature {
		class, ok := known[string(signature[c])]
		if !ok {
			class = uint8(len(known))
			known[string(signature[c])] = class
		}
		b.dfa.class[c] = class
	}
	b.dfa.stride = len(known)
	return true
}

func (b *dfaBuilder) build() *dfa {
	b.sets = [][]uint32{nil, nil}
	b.dfa.final = []bool{false, true}
	b.dfa.next = make([]uint16, 2*b.dfa.stride)
	for i := range b.dfa.stride {
		b.dfa.next[b.dfa.stride+i] = stateMatched
	}
	var example [utf8.RuneSelf]rune // a byte of each class
	for c := len(b.dfa.class) - 1; c >= 0; c-- {
		example[b.dfa.class[c]] = rune(c)
	}
	if start := b.state(b.closure([]uint32{uint32(b.prog.Start)}, true)); start == stateMatched {
		return nil // matches everything: not worth a table
	}
	for s := 2; s < len(b.sets); s++ {
		if len(b.sets) > maxStates {
			return nil
		}
		for class := range b.dfa.stride {
			b.dfa.next = append(b.dfa.next, b.state(b.step(b.sets[s], example[class])))
		}
	}
	return b.dfa
}

// step returns the instructions after reading c, with those of a match that starts here.
func (b *dfaBuilder) step(set []uint32, c rune) []uint32 {
	var out []uint32
	for _, pc := range set {
		inst := &b.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(c) {
				out = append(out, inst.Out)
			}
		}
	}
	out = append(out, uint32(b.prog.Start))
	return b.closure(out, false)
}

// closure follows the instructions that read nothing. Ends of the text stay in the set.
func (b *dfaBuilder) closure(set []uint32, begin bool) []uint32 {
	seen := map[uint32]bool{}
	var out []uint32
	var add func(pc uint32)
	add = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		inst := &b.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			add(inst.Out)
			add(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			add(inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg) == syntax.EmptyEndText {
				out = append(out, pc)
			} else if begin {
				add(inst.Out)
			}
		case syntax.InstFail:
		default:
			out = append(out, pc)
		}
	}
	for _, pc := range set {
		add(pc)
	}
	slices.Sort(out)
	return out
}

// state returns the number of the state with the instructions.
func (b *dfaBuilder) state(set []uint32) uint16 {
	if len(set) == 0 {
		return stateDead
	}
	key := make([]byte, 0, 2*len(set))
	for _, pc := range set {
		if b.prog.Inst[pc].Op == syntax.InstMatch {
			return stateMatched
		}
		key = append(key, byte(pc>>8), byte(pc))
	}
	if s, ok := b.index[string(key)]; ok {
		return s
	}
	s := uint16(len(b.sets))
	if s > 2 { // the state before the text begins is no other
		b.index[string(key)] = s
	}
	b.sets = append(b.sets, set)
	b.dfa.final = append(b.dfa.final, b.final(set, s == 2))
	return s
}

// final reports whether the text may end with these instructions.
func (b *dfaBuilder) final(set []uint32, begin bool) bool {
	seen := map[uint32]bool{}
	var ends func(pc uint32) bool
	ends = func(pc uint32) bool {
		if seen[pc] {
			return false
		}
		seen[pc] = true
		inst := &b.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			return ends(inst.Out) || ends(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			return ends(inst.Out)
		case syntax.InstEmptyWidth:
			return (begin || syntax.EmptyOp(inst.Arg) == syntax.EmptyEndText) && ends(inst.Out)
		}
		return false
	}
	return slices.ContainsFunc(set, ends)
}

// match reports whether the expression matches somewhere in the text; ascii is false if the text has other bytes, which a table cannot read.
func (d *dfa) match(text []byte) (matched, ascii bool) {
	state := uint16(2)
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false, false
		}
		state = d.next[int(state)*d.stride+int(d.class[c])]
		if state <= stateMatched {
			return state == stateMatched, true
		}
	}
	return d.final[state], true
}

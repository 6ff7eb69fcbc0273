package jsonschema

// The parameters of Punycode (RFC 3492, 5).
const (
	punyBase    = 36
	punyTMin    = 1
	punyTMax    = 26
	punySkew    = 38
	punyDamp    = 700
	punyBias    = 72
	punyInitial = 0x80
)

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}

func punyThreshold(k, bias int) int { return min(max(k-bias, punyTMin), punyTMax) }

// punyDecode decodes what follows xn-- in a label (RFC 3492, 6.2).
func punyDecode(text []byte) ([]rune, bool) {
	var out []rune
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '-' {
			for _, c := range text[:i] {
				out = append(out, rune(c))
			}
			text = text[i+1:]
			break
		}
	}
	n, i, bias := punyInitial, 0, punyBias
	for len(text) > 0 {
		old, weight := i, 1
		for k := punyBase; ; k += punyBase {
			if len(text) == 0 {
				return nil, false
			}
			digit := punyDigit(text[0])
			text = text[1:]
			if digit < 0 {
				return nil, false
			}
			i += digit * weight
			threshold := punyThreshold(k, bias)
			if digit < threshold {
				break
			}
			if weight *= punyBase - threshold; weight > 1<<31 || i > 1<<31 {
				return nil, false
			}
		}
		bias = punyAdapt(i-old, len(out)+1, old == 0)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		if n > 0x10ffff || n >= 0xd800 && n < 0xe000 {
			return nil, false
		}
		out = append(out[:i], append([]rune{rune(n)}, out[i:]...)...)
		i++
	}
	return out, true
}

func punyDigit(c byte) int {
	switch {
	case isLetter(c):
		return int(c | 0x20 - 'a')
	case isDigit(c):
		return int(c-'0') + 26
	}
	return -1
}

// punyEncode encodes a label, without the xn-- (RFC 3492, 6.3).
func punyEncode(label []rune) []byte {
	var out []byte
	for _, r := range label {
		if r < punyInitial {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias, done := rune(punyInitial), 0, punyBias, basic
	for done < len(label) {
		next := rune(0x7fffffff)
		for _, r := range label {
			if r >= n {
				next = min(next, r)
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range label {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := punyBase; ; k += punyBase {
				threshold := punyThreshold(k, bias)
				if q < threshold {
					break
				}
				out = append(out, "abcdefghijklmnopqrstuvwxyz0123456789"[threshold+(q-threshold)%(punyBase-threshold)])
				q = (q - threshold) / (punyBase - threshold)
			}
			out = append(out, "abcdefghijklmnopqrstuvwxyz0123456789"[q])
			bias = punyAdapt(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return out
}

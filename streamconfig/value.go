package streamconfig

type value struct{}
type pattern struct{}

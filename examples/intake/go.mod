// An intake inside another Go server. It is a module of its own, as the programs of those who embed one are: it shows that the packages can be used
// from outside.
module example.org/intake

go 1.26.0

require github.com/eventplatform/eventplatform v0.0.0

require (
	github.com/andybalholm/brotli v1.2.1 // indirect
	github.com/dlclark/regexp2 v1.12.0 // indirect
	github.com/goccy/go-yaml v1.19.2 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	github.com/twmb/franz-go v1.22.2 // indirect
	github.com/twmb/franz-go/pkg/kmsg v1.15.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.72.0 // indirect
)

replace github.com/eventplatform/eventplatform => ../..

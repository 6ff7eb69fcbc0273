package eventgate

// Header gives a request's headers by their canonical names ("X-Request-Id"); http.Header is one.
type Header interface {
	Get(name string) string
}

// Request is one request to take events, as the core sees it.
type Request struct {
	// Body is the decoded, decompressed JSON text. The core may hand parts of it to the producer: see Response.Retained.
	Body []byte
	// Header may be nil.
	Header Header
	// RemoteIP is the address of the peer, without its port.
	RemoteIP string
	// Method and URI are told in problem documents.
	Method, URI string

	// Hasty asks for an answer before the brokers have acknowledged.
	Hasty bool
	// Receipts asks for what became of each event.
	Receipts bool
	// DryRun asks for everything but producing.
	DryRun bool
	// Problem asks for refusals in the form of RFC 9457 (application/problem+json).
	Problem bool
	// SchemaURI and Stream are for events that do not have the fields.
	SchemaURI, Stream string
	// Traceparent, if set, takes the place of the header of that name.
	Traceparent string
}

// HeaderField is a header of an answer.
type HeaderField struct{ Name, Value string }

// Response is the answer to a [Request]. It is reused from one request to the next: Reset keeps its memory.
type Response struct {
	Status int
	// Reason is the reason phrase; HTTP libraries that cannot set one leave it out.
	Reason string
	// Header holds everything apart from framing, such as Content-Type and Retry-After.
	Header []HeaderField
	Body   []byte
	// Retained tells that records whose fate is unknown still refer to Request.Body: its memory must not be used again.
	Retained bool
}

// Reset empties the response.
func (r *Response) Reset() {
	clear(r.Header)
	*r = Response{Header: r.Header[:0], Body: r.Body[:0]}
}

// Set adds a header.
func (r *Response) Set(name, value string) {
	r.Header = append(r.Header, HeaderField{name, value})
}

// Get returns a header by the name it was set with, "" if it was not.
func (r *Response) Get(name string) string {
	for _, h := range r.Header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

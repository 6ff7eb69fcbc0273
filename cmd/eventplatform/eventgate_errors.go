package main

// lookAtStreams looks at what depends on the streams, once the intake is open.
func (in *intake) lookAtStreams() {
	in.loading.Lock()
	defer in.loading.Unlock()
	if in.gate != nil {
		in.lookAtErrorStream()
	}
}

// lookAtErrorStream warns once of an error_stream that is not, or no longer, in the stream configuration: who reads the error stream would take its
// silence for health. The caller has locked.
func (in *intake) lookAtErrorStream() {
	before := in.undeclared
	in.undeclared = ""
	if in.streams == nil {
		return
	}
	err := in.config.CheckErrorStream(in.streams.current())
	if err == nil {
		return
	}
	if in.undeclared = in.config.Gate.ErrorStream; in.undeclared != before {
		in.log.Warn("configuration: " + in.config.At("error_stream", err).Error())
	}
}

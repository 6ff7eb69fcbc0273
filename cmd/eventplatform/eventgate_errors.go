package main

import "fmt"

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
	name := in.config.Gate.ErrorStream
	if in.streams == nil || name == "" {
		return
	}
	if _, ok := in.streams.current().Writable(name); ok {
		return
	}
	if in.undeclared = name; name != before {
		err := fmt.Errorf("the stream %s is not declared in the stream configuration: no error event can be produced; declare it there, or name another", name)
		in.log.Warn("configuration: " + in.config.At("error_stream", err).Error())
	}
}

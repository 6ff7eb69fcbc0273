package main

import (
	"context"
	"maps"
	"os"
	"time"
)

// watchInterval is how often it is looked whether a configuration file has changed.
const watchInterval = time.Second

// watchFiles reloads the configuration when one of its files is another than it was, until ctx is over. Which files these are may change with it.
func (s *single) watchFiles(ctx context.Context, files func() []string, reload func(context.Context) error) {
	seen := stamps(files(), nil)
	every(ctx, watchInterval, func(ctx context.Context) error {
		now := stamps(files(), nil)
		if maps.Equal(now, seen) {
			return nil
		}
		err := reload(ctx)
		seen = stamps(files(), now) // what changed while it was read is to be read again, a file that is named only now is not
		s.reloaded(configurationFile, err)
		if err != nil {
			s.log.Error("the changed configuration file is not used; what was there before is still in use", "err", err)
			return err
		}
		s.log.Info("the configuration file has changed and was read again")
		return nil
	})
}

// fileStamp tells one state of a file from another.
type fileStamp struct {
	size    int64
	changed time.Time
}

// stamps looks at files, except those that are known.
func stamps(files []string, known map[string]fileStamp) map[string]fileStamp {
	all := map[string]fileStamp{}
	for _, file := range files {
		if state, ok := known[file]; ok {
			all[file] = state
			continue
		}
		all[file] = stamp(file)
	}
	return all
}

// stamp looks at where a link leads, too: that is how Kubernetes changes a file. A file that is not there has no stamp.
func stamp(file string) fileStamp {
	info, err := os.Stat(file)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime()}
}

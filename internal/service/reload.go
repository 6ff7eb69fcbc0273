package service

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Reload reads one thing again, such as the stream configuration. If it fails, what was there before must still be in use.
type Reload struct {
	Name string
	Run  func(ctx context.Context) error
}

// reloadOnHangup runs the reloads at each SIGHUP until the returned function is called, which waits for one that is running. Signals that come
// meanwhile make one more run, not many.
func (s *Service) reloadOnHangup(ctx context.Context) (end func()) {
	if len(s.Reloads) == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				s.reload(ctx)
			}
		}
	}()
	return func() {
		signal.Stop(hangups)
		cancel()
		<-done
	}
}

func (s *Service) reload(ctx context.Context) {
	for _, r := range s.Reloads {
		err := r.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.Reloaded != nil {
			s.Reloaded(r.Name, err)
		}
		if err != nil {
			s.Logger.Error("reload failed; what was there before is still in use", "what", r.Name, "err", err)
			continue
		}
		s.Logger.Info("reloaded", "what", r.Name)
	}
}

package kafka_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Every goroutine of producers, logs and brokers has ended with them.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

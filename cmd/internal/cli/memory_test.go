package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestTheFirstCollectionGivesBackTheSetting(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	collectLater()
	if got := gcPercent(); got != firstCollection {
		t.Fatalf("before the first collection: %d", got)
	}
	for deadline := time.Now().Add(10 * time.Second); gcPercent() != 100; runtime.Gosched() {
		runtime.GC()
		if time.Now().After(deadline) {
			t.Fatalf("after a collection: %d", gcPercent())
		}
	}
}

func TestASettingOfThePersonIsKept(t *testing.T) {
	t.Setenv("GOGC", "50")
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	collectLater()
	if got := gcPercent(); got != 50 {
		t.Errorf("%d", got)
	}
}

func gcPercent() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}

package testkit

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// sampleEvery is short enough to catch the peak of a scan that takes milliseconds; a sample does
// not stop the world.
const sampleEvery = time.Millisecond

const (
	heapObjects = "/memory/classes/heap/objects:bytes"
	allMapped   = "/memory/classes/total:bytes"
	released    = "/memory/classes/heap/released:bytes"
)

// Took is how long a piece of work took.
func Took(work func()) time.Duration {
	start := time.Now()
	work()
	return time.Since(start)
}

// LiveHeap collects garbage and returns the bytes of all live objects.
func LiveHeap() uint64 {
	runtime.GC()
	return read(heapObjects)
}

// WatchHeap samples the bytes of all objects on the heap, including those that are no longer
// needed. It begins with a garbage collection. The function peak stops it and returns the highest
// value seen; call it once.
func WatchHeap() (peak func() uint64) {
	return watch(func() uint64 { return read(heapObjects) })
}

// WatchProcess is [WatchHeap] for the bytes that the Go runtime has obtained from the system.
func WatchProcess() (peak func() uint64) {
	return watch(func() uint64 { return read(allMapped) - read(released) })
}

func watch(look func() uint64) (peak func() uint64) {
	runtime.GC()
	stop, result := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(sampleEvery)
		defer ticker.Stop()
		most := look()
		for {
			select {
			case <-stop:
				result <- max(most, look())
				return
			case <-ticker.C:
				most = max(most, look())
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-result
	}
}

func read(metric string) uint64 {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

package googleworkspace

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/testkit"
)

// benchScan scans once against a fake of its own, on the real clock, and returns how long it took.
func benchScan(b *testing.B, org googlefake.Generated, options googlefake.Options,
	change func(*Config)) (time.Duration, *googlefake.Server) {
	b.Helper()
	server, err := googlefake.New(org, options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Close() })
	config := Config{Connection: api.Connection{
		Subject: googletest.GeneratedAdmin, Credential: api.Credential{KeyJSON: server.ServiceAccountKey()},
		Endpoint: server.URL(),
		Features: []api.Feature{api.Grants, api.AppPasswords}, RatePerMinute: -1,
	}}
	change(&config)
	p, err := New(scanner.Env{Log: slog.New(slog.DiscardHandler)}, config)
	if err != nil {
		b.Fatal(err)
	}
	sink := &testkit.Counter{}
	start := time.Now()
	coverage, err := p.Collect(b.Context(), sink)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	for n := range coverage {
		if coverage[n].IsGap() {
			b.Fatalf("a gap: %+v", coverage[n])
		}
	}
	grants, passwords := org.Items()
	if !strings.Contains(strings.Join(featureText(config), " "), string(api.AppPasswords)) {
		passwords = 0
	}
	if got := int(sink.Items.Load()); got != grants+passwords || int(sink.Accounts.Load()) != org.Size {
		b.Fatalf("%d items and %d accounts, want %d and %d", got, sink.Accounts.Load(), grants+passwords, org.Size)
	}
	return took, server
}

func featureText(config Config) []string {
	var names []string
	for _, feature := range config.Features {
		names = append(names, string(feature))
	}
	return names
}

// BenchmarkLatency: 1,000 users at 100 ms a call, without a rate limit, take at most 1.15 times
// calls x latency / workers.
func BenchmarkLatency(b *testing.B) {
	const latency, workers, users = 100 * time.Millisecond, 16, 1000
	for b.Loop() {
		took, server := benchScan(b, googlefake.Generated{Size: users, GrantsEach: 4}, googlefake.Options{Latency: latency},
			func(c *Config) { c.Workers = workers })
		calls := server.Calls()
		// The pages of users come one after the other; what follows is spread over the workers.
		ideal := time.Duration(calls["users.list"])*latency + time.Duration(calls["tokens.list"]+calls["asps.list"])*latency/workers
		ratio := float64(took) / float64(ideal)
		b.ReportMetric(ratio, "x-ideal")
		if ratio > 1.15 {
			b.Errorf("took %v, %.2f times the ideal %v", took, ratio, ideal)
		}
	}
}

// BenchmarkRateLimit: at 2,000 calls a minute and a service that refuses more than 2,400, at least
// 95 % of the allowed rate is reached and no call is refused.
func BenchmarkRateLimit(b *testing.B) {
	const perMinute = 2000
	for b.Loop() {
		took, server := benchScan(b, googlefake.Generated{Size: 500, GrantsEach: 2},
			googlefake.Options{Latency: 20 * time.Millisecond, QuotaPerMinute: 2400},
			func(c *Config) { c.RatePerMinute = perMinute })
		calls := server.Calls()
		sent := calls["users.list"] + calls["tokens.list"] + calls["asps.list"]
		share := float64(sent-burst) / took.Minutes() / perMinute
		b.ReportMetric(100*share, "%-of-rate")
		if share < 0.95 || share > 1.05 {
			b.Errorf("%d calls in %v are %.1f %% of the allowed rate", sent, took, 100*share)
		}
		if refused := server.Answered(429); refused > 0 {
			b.Errorf("%d calls were answered 429", refused)
		}
	}
}

// BenchmarkGrowth: organizations of growing size at no latency, with a checkpoint. Ten times the
// users cost ten times the time and the same memory, which is that of the whole process, fake
// included: at 100,000 users with 400,000 grants below 150 MB.
func BenchmarkGrowth(b *testing.B) {
	const mostMegabytes = 150
	var secondsEach, megabytes float64 // of the size before
	for _, size := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(size)+"-users", func(b *testing.B) {
			for b.Loop() {
				peak := testkit.WatchProcess()
				took, server := benchScan(b, googlefake.Generated{Size: size, GrantsEach: 4}, googlefake.Options{},
					func(c *Config) { c.StateDir = b.TempDir() })
				peakMegabytes, each := float64(peak())/(1<<20), took.Seconds()/float64(size)
				calls := server.Calls()
				b.ReportMetric(1/each, "users/s")
				b.ReportMetric(float64(calls["tokens.list"]+calls["asps.list"])/took.Seconds(), "calls/s")
				b.ReportMetric(peakMegabytes, "peak-MB")
				if peakMegabytes > mostMegabytes {
					b.Errorf("took %.0f MB of memory, the limit is %d", peakMegabytes, mostMegabytes)
				}
				if size > 10_000 {
					b.ReportMetric(10*each/secondsEach, "x-time")
					b.ReportMetric(peakMegabytes/megabytes, "x-memory")
					if each > 2*secondsEach || peakMegabytes > 1.5*megabytes {
						b.Errorf("ten times the users cost %.1f times the time and %.2f times the memory", 10*each/secondsEach,
							peakMegabytes/megabytes)
					}
				}
				secondsEach, megabytes = each, peakMegabytes
			}
		})
	}
}

// BenchmarkIncremental: a scan of an organization in which nothing changed.
func BenchmarkIncremental(b *testing.B) {
	org := googlefake.Generated{Size: 5_000, GrantsEach: 4}
	dir := b.TempDir()
	incremental := func(c *Config) {
		c.StateDir, c.Incremental = dir, true
		c.Features = []api.Feature{api.Grants, api.AppPasswords, api.Events}
	}
	benchScan(b, org, googlefake.Options{}, incremental)
	for b.Loop() {
		took, server := benchScan(b, org, googlefake.Options{}, incremental)
		b.ReportMetric(float64(org.Size)/took.Seconds(), "users/s")
		b.ReportMetric(100*float64(server.Calls()["tokens.list"])/float64(org.Size), "%-read")
	}
}

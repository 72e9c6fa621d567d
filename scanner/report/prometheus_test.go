package report

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"guestlist/scanner/inventory"
)

// isPrometheusText: the collector's own parser takes it, and the linter has nothing to say.
func isPrometheusText(t *testing.T, out string) {
	t.Helper()
	parsePrometheus(t, out)
	problems, err := promlint.New(strings.NewReader(out)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the linter says %v, %v", problems, err)
	}
}

func parsePrometheus(t *testing.T, out string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	return families
}

func TestMetricsSayWhatTheReportSays(t *testing.T) {
	t.Parallel()
	families := parsePrometheus(t, rendered(t, prometheusFormat, few()))
	value := func(name string, labels ...string) float64 {
		for _, metric := range families[name].GetMetric() {
			matching := 0
			for _, pair := range metric.GetLabel() {
				for n := 0; n < len(labels); n += 2 {
					if pair.GetName() == labels[n] && pair.GetValue() == labels[n+1] {
						matching++
					}
				}
			}
			if 2*matching == len(labels) {
				return metric.GetGauge().GetValue()
			}
		}
		t.Errorf("no %s with %v", name, labels)
		return -1
	}
	for _, test := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{1, "guestlist_findings", []string{"provider", "chromium", "severity", "critical"}},
		{0, "guestlist_findings", []string{"provider", "github", "severity", "critical"}},
		{1, "guestlist_findings", []string{"provider", "allowlist", "severity", "info"}},
		{1, "guestlist_findings_by_rule", []string{"rule", "not-observed"}},
		{0, "guestlist_findings_by_rule", []string{"rule", "denied"}},
		{1, "guestlist_entries_open", []string{"urgency", "critical"}},
		{1, "guestlist_changes", []string{"change", "added"}},
		{2, "guestlist_sources", []string{"status", "complete"}},
		{1, "guestlist_sources", []string{"status", "not-observable"}},
		{1, "guestlist_sources", []string{"status", "no-api"}},
		{4, "guestlist_scan_exit_code", nil},
		{2, "guestlist_scan_duration_seconds", nil},
		{float64(finished.Unix()), "guestlist_last_scan_timestamp_seconds", nil},
		{2, "guestlist_allowlist_entries", nil},
		{1, "guestlist_scan_info", []string{"version", "test"}},
	} {
		if got := value(test.name, test.labels...); got != test.want {
			t.Errorf("%s%v is %v, want %v", test.name, test.labels, got, test.want)
		}
	}
	if families["guestlist_last_complete_scan_timestamp_seconds"] != nil {
		t.Error("a scan that did not read everything passes for one that did")
	}
}

func TestAFirstScanHasNoNumberOfChanges(t *testing.T) {
	t.Parallel()
	reports := edges()
	if out := rendered(t, prometheusFormat, reports["first-scan"]); strings.Contains(out, "guestlist_changes") {
		t.Errorf("nothing was compared:\n%s", out)
	}
	if out := rendered(t, prometheusFormat, reports["clean"]); !strings.Contains(out,
		"guestlist_last_complete_scan_timestamp_seconds ") {
		t.Errorf("everything was read:\n%s", out)
	}
}

func FuzzLabel(f *testing.F) {
	for _, text := range hostileNames {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value := inventory.Untrusted(text).String()
		families := parsePrometheus(t, "a"+labelText([]string{"label", value})+" 1\n")
		if got := families["a"].GetMetric()[0].GetLabel()[0].GetValue(); got != value || len(families) != 1 {
			t.Errorf("%q is read back as %q", value, got)
		}
	})
}

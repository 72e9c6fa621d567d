package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Prometheus is the report in numbers, for the textfile collector of the node exporter: the text
// format 0.0.4. Nothing in it is named after an app, an account or a source, so the number of
// series does not grow with what was let in.
//
// The collector reads every file that ends in .prom; --output prometheus=FILE replaces a file as a
// whole. A source that was not read is in guestlist_sources, and the time of the last complete scan
// is present only if this scan was complete: alert on its age and on its absence.
type Prometheus struct{}

var prometheusFormat = Format{
	Name: "prometheus", About: "metrics for the textfile collector", Also: []string{"prom", "openmetrics"},
	Help: "Write it to the collector's directory as guestlist.prom, and alert on the age of guestlist_last_complete_scan_timestamp_seconds.",
	New:  func(Style) Renderer { return Prometheus{} },
}

// metric is one name with its samples.
type metric struct {
	name, help string
	samples    func(*Report) []sample
}

type sample struct {
	labels []string // names and values alternate
	value  float64
}

// metrics lists all metrics, in the order of the output.
var metrics = []metric{
	{"guestlist_scan_info", "The version of guestlist that scanned.", func(r *Report) []sample {
		return []sample{{[]string{"version", inventory.Untrusted(r.Tool.Version).String()}, 1}}
	}},
	{"guestlist_decided_by_info", "The allowlist that the scan was checked against, and the baseline that it was compared with.", decidedSamples},
	{"guestlist_last_scan_timestamp_seconds", "When the scan ended.", func(r *Report) []sample { return at(r.Finished) }},
	{"guestlist_last_complete_scan_timestamp_seconds",
		"When the scan ended, if it read everything that it should have.", func(r *Report) []sample {
			if r.ExitCode == ExitIncomplete {
				return nil
			}
			return at(r.Finished)
		}},
	{"guestlist_scan_duration_seconds", "How long the scan took.", func(r *Report) []sample {
		return single(max(0, r.Finished.Sub(r.Started)).Seconds())
	}},
	{"guestlist_scan_exit_code", "What the scan ended with: 0 clean, 3 findings, 4 not everything was read.",
		func(r *Report) []sample {
			return single(float64(r.ExitCode))
		}},
	{"guestlist_baseline_timestamp_seconds", "When the scan began that this one was compared with.",
		func(r *Report) []sample { return at(r.Since.Started) }},
	{"guestlist_findings", "Findings, by provider and severity.", findingSamples},
	{"guestlist_findings_by_rule", "Findings, by rule.", func(r *Report) []sample {
		return countsOf("rule", ruleNames(r), func(name string) int { return r.Summary.Rules[diff.Rule(name)] })
	}},
	{"guestlist_entries_open", "Apps, accounts, sources and allowlist entries that need a person, by urgency.",
		openSamples},
	{"guestlist_changes", "What differs from the baseline, by kind of change.", func(r *Report) []sample {
		if r.Since.First { // nothing to compare with is not "no change"
			return nil
		}
		return countsOf("change", names(diff.ChangeKinds()),
			func(name string) int { return r.Difference.Counts[diff.ChangeKind(name)] })
	}},
	{"guestlist_sources", "Sources, by how they were read.", func(r *Report) []sample {
		sources := r.Summary.Sources
		return []sample{
			{[]string{"status", "complete"}, float64(sources.Complete)},
			{[]string{"status", "partial"}, float64(sources.Partial)},
			{[]string{"status", "not-observable"}, float64(sources.NotObservable)},
			{[]string{"status", "no-api"}, float64(sources.Unobservable)},
		}
	}},
	{"guestlist_items", "Items that were read, each in each place.",
		func(r *Report) []sample { return single(float64(r.Summary.Items)) }},
	{"guestlist_apps", "Different apps that were read.",
		func(r *Report) []sample { return single(float64(r.Summary.Apps)) }},
	{"guestlist_accounts", "Accounts that were read.",
		func(r *Report) []sample { return single(float64(r.Summary.Accounts)) }},
	{"guestlist_allowlist_entries", "Entries of the allowlist.", func(r *Report) []sample {
		if r.Allowlist == nil {
			return nil
		}
		return single(float64(r.Allowlist.Entries))
	}},
}

// Render implements [Renderer].
func (Prometheus) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	for _, each := range metrics {
		samples := each.samples(r)
		if len(samples) == 0 {
			continue
		}
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", each.name, each.help, each.name)
		for _, s := range samples {
			fmt.Fprintf(out, "%s%s %s\n", each.name, labelText(s.labels), strconv.FormatFloat(s.value, 'f', -1, 64))
		}
	}
	return out.Flush()
}

// labelEscapes are the escapes in a quoted value.
var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func labelText(labels []string) string {
	var parts []string
	for n := 0; n < len(labels); n += 2 {
		parts = append(parts, labels[n]+`="`+labelEscapes.Replace(labels[n+1])+`"`)
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func single(value float64) []sample { return []sample{{value: value}} }

func at(t time.Time) []sample {
	if t.IsZero() {
		return nil
	}
	return single(float64(t.Unix()))
}

// countsOf is a sample for each name.
func countsOf(label string, names []string, count func(string) int) []sample {
	samples := make([]sample, len(names))
	for n, name := range names {
		samples[n] = sample{[]string{label, inventory.Untrusted(name).String()}, float64(count(name))}
	}
	return samples
}

func names[T ~string](all []T) []string {
	list := make([]string, len(all))
	for n, each := range all {
		list[n] = string(each)
	}
	return list
}

// ruleNames are all rules, plus any in the report that are from a later version.
func ruleNames(r *Report) []string {
	var list []string
	for n := range diff.Rules {
		list = append(list, string(diff.Rules[n].Rule))
	}
	for _, rule := range slices.Sorted(maps.Keys(r.Summary.Rules)) {
		if !slices.Contains(list, string(rule)) {
			list = append(list, string(rule))
		}
	}
	return list
}

// decidedSamples name the files that decided the report. The time of the baseline's scan is a
// metric of its own: as a label, it would start a new series with every scan.
func decidedSamples(r *Report) []sample {
	var samples []sample
	if r.Allowlist != nil {
		samples = append(samples, sample{[]string{"part", "allowlist", "file", r.Allowlist.Path.String(), "sha256",
			r.Allowlist.Digest.String()}, 1})
	}
	if r.Baseline != nil {
		samples = append(samples, sample{[]string{"part", "baseline", "file", r.Baseline.Path.String(), "sha256", ""}, 1})
	}
	return samples
}

// findingSamples count findings of each severity for every provider that was asked; those about the
// allowlist itself belong to no provider.
func findingSamples(r *Report) []sample {
	type cell struct {
		provider inventory.Provider
		severity inventory.Level
	}
	counts := make(map[cell]int)
	providers := make(map[inventory.Provider]bool)
	for i := range r.Coverage {
		providers[r.Coverage[i].Source.Provider] = true
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		providers[f.Provider] = true
		counts[cell{f.Provider, f.Severity}]++
	}
	var samples []sample
	for _, provider := range slices.Sorted(maps.Keys(providers)) {
		for _, level := range inventory.Levels() {
			name := cmp.Or(inventory.Untrusted(provider).String(), "allowlist")
			samples = append(samples, sample{[]string{"provider", name, "severity", string(level)},
				float64(counts[cell{provider, level}])})
		}
	}
	return samples
}

func openSamples(r *Report) []sample {
	counts := make(map[string]int)
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Open {
			counts[string(e.Urgency)]++
		}
	}
	return countsOf("urgency", names(inventory.Levels()), func(name string) int { return counts[name] })
}

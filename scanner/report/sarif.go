package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// SARIF is the report as SARIF 2.1.0, for code scanning of the repository that holds the allowlist:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html.
//
// A result is a finding, and its place is the line of the allowlist that decided; if none did, it
// is the first line, since code scanning accepts no result without a place. The fingerprint is the
// finding's ID, so that an alert stays the same when lines of the file move. What was not read is
// not a result but a notification of the run, which then counts as unsuccessful.
//
// GitHub rejects runs of more than [maxResults] results: the most urgent are in, and a notification
// counts the others.
type SARIF struct{}

var sarifFormat = Format{
	Name: "sarif", About: "SARIF 2.1.0, for code scanning of the allowlist's repository", Also: []string{"code-scanning"},
	Help: "Upload it with github/codeql-action/upload-sarif. Results stand at lines of the allowlist; what was not read is a notification.",
	New:  func(Style) Renderer { return SARIF{} },
}

const (
	maxResults        = 25_000 // in one run; GitHub shows 5,000 of them
	sarifVersion      = "2.1.0"
	sarifSchema       = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	defaultAllowlist  = "allowlist.toml" // where the entry that a result asks for would be
	maxSARIFLocations = 10               // holders of one result
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool              sarifTool          `json:"tool"`
	AutomationDetails map[string]string  `json:"automationDetails"`
	Invocations       []sarifInvocation  `json:"invocations"`
	Results           array[sarifResult] `json:"results"`
	Properties        map[string]string  `json:"properties"`
}

type sarifTool struct {
	Driver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitzero"`
		Rules   []sarifRule `json:"rules"`
		// Notifications are what the run may have to say about itself.
		Notifications []sarifDescriptor `json:"notifications"`
	} `json:"driver"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifDescriptor struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
}

type sarifRule struct {
	sarifDescriptor
	FullDescription sarifText         `json:"fullDescription"`
	Help            sarifText         `json:"help"`
	Default         map[string]string `json:"defaultConfiguration"`
	Properties      sarifRuleBag      `json:"properties"`
}

type sarifRuleBag struct {
	Tags     []string `json:"tags"`
	Severity string   `json:"security-severity"`
}

type sarifResult struct {
	RuleID        string            `json:"ruleId"`
	RuleIndex     int               `json:"ruleIndex"`
	Level         string            `json:"level"`
	Message       sarifText         `json:"message"`
	Locations     []sarifLocation   `json:"locations"`
	Fingerprints  map[string]string `json:"partialFingerprints"`
	BaselineState string            `json:"baselineState,omitzero"`
	Rank          float64           `json:"rank"`
	Properties    map[string]string `json:"properties"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitzero"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region struct {
		StartLine int `json:"startLine"`
	} `json:"region"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifInvocation struct {
	Successful    bool                     `json:"executionSuccessful"`
	ExitCode      int                      `json:"exitCode"`
	Start         string                   `json:"startTimeUtc,omitzero"`
	End           string                   `json:"endTimeUtc,omitzero"`
	Notifications array[sarifNotification] `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Descriptor struct {
		ID string `json:"id"`
	} `json:"descriptor"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

// sarifLevels and sarifScores are how SARIF and code scanning spell severities: a score over 9 is
// critical, from 7 high, from 4 medium.
var (
	sarifLevels = map[inventory.Level]string{
		inventory.Critical: "error", inventory.High: "error", inventory.Medium: "warning", inventory.Low: "note",
		inventory.Info: "note",
	}
	sarifScores = map[inventory.Level]struct {
		score string
		rank  float64
	}{
		inventory.Critical: {"9.5", 95}, inventory.High: {"8.0", 80}, inventory.Medium: {"5.5", 55},
		inventory.Low: {"2.0", 20}, inventory.Info: {"0.1", 1},
	}
)

// Notifications, in addition to noteNoAPI and noteKnown.
const (
	noteNotRead = "not-read"
	noteCut     = "more-results"
)

// Render implements [Renderer].
func (s SARIF) Render(w io.Writer, r *Report) error {
	run := sarifRun{
		AutomationDetails: map[string]string{"id": "guestlist/"},
		Invocations:       []sarifInvocation{s.invocation(r)},
		Properties: map[string]string{"verdict": r.Verdict.String(), "since": r.Since.Words.String(),
			"basis": r.basis(false)},
	}
	driver := &run.Tool.Driver
	driver.Name, driver.Version = r.Tool.Name, inventory.Untrusted(r.Tool.Version).String()
	driver.Notifications = []sarifDescriptor{
		{noteNotRead, sarifText{"a source that should have been read was not"}},
		{noteNoAPI, sarifText{"no API reports this: look at it by hand"}},
		{noteKnown, sarifText{"good to know of a source"}}, {noteCut, sarifText{"results that are not in this file"}},
	}
	rules := s.rules(r)
	driver.Rules = rules
	index := make(map[string]int, len(rules))
	for n := range rules {
		index[rules[n].ID] = n
	}
	run.Results = func(yield func(sarifResult) bool) {
		left := maxResults
		for i := range r.Entries {
			for _, f := range r.Entries[i].Findings {
				if f.Rule == diff.NotObserved {
					continue
				}
				if left--; left < 0 || !yield(s.result(r, &r.Entries[i], f, index[f.Rule.String()])) {
					return
				}
			}
		}
	}
	return writeDocument(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// rules returns the rules of the table, plus any in the report that are from a later version.
func (SARIF) rules(r *Report) []sarifRule {
	var rules []sarifRule
	for _, name := range ruleNames(r) {
		info := diff.Rule(name).Info()
		name = info.Rule.String()
		summary := cmp.Or(info.Summary, name)
		level := sarifLevels[info.Most]
		rules = append(rules, sarifRule{
			sarifDescriptor: sarifDescriptor{name, sarifText{sentence(summary)}},
			FullDescription: sarifText{sentence(summary) + "."},
			Help:            sarifText{cmp.Or(info.Help, "See guestlist help rules.")},
			Default:         map[string]string{"level": level},
			Properties:      sarifRuleBag{[]string{"security", "supply-chain"}, sarifScores[info.Most].score},
		})
	}
	return rules
}

func (s SARIF) result(r *Report, e *Entry, f *diff.Finding, rule int) sarifResult {
	result := sarifResult{
		RuleID: f.Rule.String(), RuleIndex: rule, Level: cmp.Or(sarifLevels[f.Severity], "warning"),
		Message: sarifText{unlinked(e.Title.String() + ": " + lines(f.Why.String(), f.Remedy.String()))},
		// GitHub matches alerts by the first, and keeps those apart that differ after the colon.
		Fingerprints: map[string]string{"primaryLocationLineHash": f.ID + ":1", "guestlistFinding/v1": f.ID},
		Rank:         cmp.Or(sarifScores[f.Severity].rank, 50),
		Properties: map[string]string{
			"severity": inventory.Untrusted(f.Severity).String(), "app": f.App.ID.String(),
			"tier":     inventory.Untrusted(f.Tier).String(),
			"provider": inventory.Untrusted(f.Provider).String(), "holders": fmt.Sprint(f.HolderCount),
		},
	}
	if e.ApproveWith != "" {
		result.Properties["approve_with"] = e.ApproveWith.String()
	}
	if !r.Since.First {
		result.BaselineState = baselineState(f.Change)
	}
	location := sarifLocation{Physical: s.place(r, f.Decided)}
	for _, name := range texts(f.Holders[:min(len(f.Holders), maxSARIFLocations)],
		func(a diff.Affected) string { return place(&a) }) {
		location.Logical = append(location.Logical, sarifLogical{name, "resource"})
	}
	result.Locations = []sarifLocation{location}
	return result
}

// baselineState says how a finding differs from the baseline.
func baselineState(change diff.Rule) string {
	switch change {
	case diff.New:
		return "new"
	case diff.Changed:
		return "updated"
	case diff.Removed:
		return "absent"
	}
	return "unchanged"
}

// place is a line of the allowlist: the one that decided or, if none did, the first.
func (SARIF) place(r *Report, decided *diff.Position) *sarifPhysical {
	at := diff.Position{File: defaultAllowlist, Line: 1}
	switch {
	case decided != nil:
		at = *decided
	case r.Allowlist != nil && r.Allowlist.Path != "":
		at.File = r.Allowlist.Path
	}
	var physical sarifPhysical
	physical.Artifact.URI = fileURI(at.File.String())
	physical.Region.StartLine = max(1, at.Line)
	return &physical
}

// fileURI is a path as a reference: relative if the path is. A list from an address has that.
func fileURI(path string) string {
	if address, err := url.Parse(path); err == nil && address.Host != "" {
		return address.String()
	}
	path = filepath.ToSlash(path)
	uri := url.URL{Path: path}
	if drive := len(path) > 2 && path[1] == ':' && path[2] == '/'; drive || strings.HasPrefix(path, "/") {
		uri.Scheme, uri.Path = "file", "/"+strings.TrimPrefix(path, "/")
	}
	return uri.String()
}

// invocation says how the scan went, and what it could say about which sources.
func (s SARIF) invocation(r *Report) sarifInvocation {
	return sarifInvocation{
		Successful: r.ExitCode != ExitIncomplete, ExitCode: r.ExitCode, Start: instant(r.Started), End: instant(r.Finished),
		Notifications: func(yield func(sarifNotification) bool) {
			if r.Summary.Sources.Total == 0 && r.ExitCode == ExitIncomplete &&
				!yield(notification(noteNotRead, "error", "no source was found")) {
				return
			}
			for i := range r.Coverage {
				if note, is := s.notification(&r.Coverage[i]); is && !yield(note) {
					return
				}
			}
			if more := resultCount(r) - maxResults; more > 0 {
				yield(notification(noteCut, "warning", thousands(more)+" less urgent results are left out: GitHub takes "+thousands(maxResults)+" at most"))
			}
		},
	}
}

// notification is what there is to know about a source.
func (SARIF) notification(c *inventory.Coverage) (note sarifNotification, is bool) {
	word, level := noteWord(c), "note"
	if c.IsGap() {
		word, level = noteNotRead, "error"
	}
	if word == "" {
		return sarifNotification{}, false
	}
	name := c.Source.Name.String()
	note = notification(word, level, name+": "+lines(whyOf(c), c.Remedy.String()))
	note.Locations = []sarifLocation{{Logical: []sarifLogical{{name, "resource"}}}}
	return note, true
}

func notification(id, level, text string) (note sarifNotification) {
	note.Descriptor.ID, note.Level, note.Message = id, level, sarifText{unlinked(text)}
	return note
}

// resultCount counts the findings that are results.
func resultCount(r *Report) int {
	return len(r.Findings) - r.Summary.Rules[diff.NotObserved]
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// unlinked is text of a message: brackets followed by a parenthesis would be a link.
func unlinked(text string) string { return strings.ReplaceAll(text, "](", "] (") }

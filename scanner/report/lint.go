package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// LintSchemaVersion is that of [Lint] as JSON. A minor version only adds.
const LintSchemaVersion = "1.0"

// Lint is what "guestlist allow lint" says of an allowlist: what is wrong with it, or what is legal
// but worth a second look.
type Lint struct {
	SchemaVersion string        `json:"schema_version"`
	Tool          Tool          `json:"tool"`
	ExitCode      int           `json:"exit_code"`
	Allowlist     *AllowlistRef `json:"allowlist,omitzero"` // nil if it cannot be read
	Feeds         int           `json:"feeds"`
	// Scans are those that say what is used; empty if none was complete.
	Scans    []LintScan    `json:"scans"`
	Messages []LintMessage `json:"messages"`

	path inventory.Untrusted
}

// LintScan is a scan that says what is used.
type LintScan struct {
	Path    inventory.Untrusted `json:"path"`
	Started string              `json:"started"`
	// Unread counts the sources that it did not read completely.
	Unread int `json:"unread"`
}

// LintMessage is one error or warning.
type LintMessage struct {
	Level    string              `json:"level"` // "error" or "warning"
	Rule     string              `json:"rule"`
	Position allowlist.Position  `json:"position"`
	Message  inventory.Untrusted `json:"message"`
	Hint     inventory.Untrusted `json:"hint,omitzero"`
	// Name and ID are of the entry that it is about; both empty for something about the file.
	Name inventory.Untrusted `json:"name,omitzero"`
	ID   inventory.Untrusted `json:"id,omitzero"`
}

// Levels of messages, and the rule of everything that [allowlist.Load] refuses.
const (
	lintError   = "error"
	lintWarning = "warning"
	RuleRefused = "refused"
)

// NewLint is the result of looking at an allowlist that can be used. path is what it is called if it
// has no other name.
func NewLint(version string, list *AllowlistRef, feeds int, scans []LintScan, warnings []allowlist.Warning) *Lint {
	l := newLint(version)
	l.Allowlist, l.Feeds, l.path = list, feeds, list.Path
	if scans != nil {
		l.Scans = scans
	}
	for n := range warnings {
		w := &warnings[n]
		message := LintMessage{Level: lintWarning, Rule: string(w.Rule), Position: w.Position,
			Message: inventory.Untrusted(w.Message), Hint: inventory.Untrusted(w.Hint)}
		if e := w.Entry; e != nil {
			message.Name = e.Name
			if message.ID = e.Project; len(e.IDs) > 0 {
				message.ID = e.IDs[0]
			}
		}
		l.Messages = append(l.Messages, message)
	}
	if len(l.Messages) > 0 {
		l.ExitCode = ExitFindings
	}
	return l
}

// NewLintErrors is the result of looking at an allowlist that cannot be used.
func NewLintErrors(version, path string, problems *allowlist.Problems) *Lint {
	l := newLint(version)
	l.path, l.ExitCode = inventory.Untrusted(path), ExitUsage
	for _, problem := range problems.Problems {
		l.Messages = append(l.Messages, LintMessage{Level: lintError, Rule: RuleRefused, Position: problem.Position,
			Message: inventory.Untrusted(problem.Message), Hint: inventory.Untrusted(problem.Hint)})
	}
	return l
}

func newLint(version string) *Lint {
	return &Lint{SchemaVersion: LintSchemaVersion, Tool: Tool{Name: "guestlist", Version: version},
		Scans: []LintScan{}, Messages: []LintMessage{}}
}

// LintFormat is a format of allow lint.
type LintFormat struct {
	Name, About string
	Write       func(io.Writer, *Lint) error
}

// LintFormats are the formats of allow lint, the default first.
var LintFormats = []LintFormat{
	{"text", "a line for each message, with what to do", writeLintText},
	{"json", "one document", func(w io.Writer, l *Lint) error { return writeDocument(w, l) }},
	{"sarif", "SARIF 2.1.0, for code scanning of the allowlist's repository", writeLintSARIF},
}

func writeLintText(w io.Writer, l *Lint) error {
	var text strings.Builder
	for n := range l.Messages {
		m := &l.Messages[n]
		fmt.Fprintf(&text, "%v: %s: %s\n", m.Position, m.Level, m.Message)
		if m.Hint != "" {
			fmt.Fprintf(&text, "    %s\n", m.Hint)
		}
		if subject := m.subject(); subject != "" {
			fmt.Fprintf(&text, "    %s [%s]\n", subject, m.Rule)
		}
	}
	if l.Allowlist == nil {
		fmt.Fprintf(&text, "%s: %s\n", l.path, plural(len(l.Messages), "error"))
	} else {
		fmt.Fprintf(&text, "%s: %s, %s, %s\n", l.path, entriesOf(l.Allowlist.Entries), plural(l.Feeds, "feed"),
			plural(len(l.Messages), "warning"))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func entriesOf(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return thousands(n) + " entries"
}

// subject names the entry that a message is about.
func (m *LintMessage) subject() string {
	switch {
	case m.Name == "" || m.ID == "":
		return cmp.Or(m.Name, m.ID).String()
	default:
		return fmt.Sprintf("%s, %s", m.Name, m.ID)
	}
}

// writeLintSARIF writes the messages as results at their lines. The fingerprint is made of the rule
// and the entry, so that an alert stays the same when lines of the file move.
func writeLintSARIF(w io.Writer, l *Lint) error {
	run := sarifRun{AutomationDetails: map[string]string{"id": "guestlist/allow-lint/"},
		Properties: map[string]string{"allowlist": l.path.String()}}
	run.Tool.Driver.Name, run.Tool.Driver.Version = l.Tool.Name, inventory.Untrusted(l.Tool.Version).String()
	run.Tool.Driver.Notifications = []sarifDescriptor{}
	index := map[string]int{}
	for _, info := range lintRules() {
		index[string(info.Rule)] = len(run.Tool.Driver.Rules)
		level, score := "note", inventory.Low
		if info.Serious {
			level, score = "warning", inventory.Medium
		}
		if info.Rule == RuleRefused {
			level, score = "error", inventory.High
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			sarifDescriptor: sarifDescriptor{string(info.Rule), sarifText{sentence(info.Summary)}},
			FullDescription: sarifText{sentence(info.Summary) + "."}, Help: sarifText{info.Help},
			Default:    map[string]string{"level": level},
			Properties: sarifRuleBag{[]string{"security", "supply-chain"}, sarifScores[score].score},
		})
	}
	run.Invocations = []sarifInvocation{{Successful: l.ExitCode != ExitUsage, ExitCode: l.ExitCode,
		Notifications: func(func(sarifNotification) bool) {}}}
	run.Results = func(yield func(sarifResult) bool) {
		for n := range l.Messages[:min(len(l.Messages), maxResults)] {
			if !yield(lintResult(&l.Messages[n], run.Tool.Driver.Rules, index)) {
				return
			}
		}
	}
	return writeDocument(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// lintRules are all rules, that of errors first.
func lintRules() []allowlist.LintInfo {
	return append([]allowlist.LintInfo{{Rule: RuleRefused, Summary: "the file cannot be used, and nothing is scanned with it",
		Help: "Correct the line."}}, allowlist.LintRules...)
}

// fingerprint is the same for the same message about the same entry, whatever its numbers are today.
func (m *LintMessage) fingerprint() string {
	message := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, string(m.Message))
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%s", m.Rule, m.Position.File, m.ID, m.Name, message))
	return hex.EncodeToString(sum[:8])
}

func lintResult(m *LintMessage, rules []sarifRule, index map[string]int) sarifResult {
	rule := rules[index[m.Rule]]
	level := rule.Default["level"]
	subject := m.subject()
	print := m.fingerprint()
	text := lines(m.Message.String(), m.Hint.String())
	if subject != "" {
		text = subject + ": " + text
	}
	result := sarifResult{
		RuleID: m.Rule, RuleIndex: index[m.Rule], Level: level, Message: sarifText{unlinked(text)},
		Fingerprints: map[string]string{"primaryLocationLineHash": print + ":1", "guestlistLint/v1": print},
		Rank:         map[string]float64{"error": 80, "warning": 55, "note": 20}[level],
		Properties:   map[string]string{"app": m.ID.String(), "name": m.Name.String()},
	}
	var physical sarifPhysical
	physical.Artifact.URI = fileURI(m.Position.File.String())
	physical.Region.StartLine = max(1, m.Position.Line)
	result.Locations = []sarifLocation{{Physical: &physical}}
	return result
}

package report

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// The page's data, from which its script makes rows and details. All of it is harmless text for
// people; the script only puts it in place.

// Bounds on holders in the page. An entry lists no more than the model does, and fewer if there are
// many entries; the rest are counted.
const (
	maxPageHolders   = 20_000 // in all entries; beyond that, each lists
	leastPageHolders = 3      // at most
)

// pageEntry is an entry. Short names, and numbers in place of texts that many entries share, keep
// 50,000 of them small.
type pageEntry struct {
	ID     string   `json:"id"`
	Title  string   `json:"t"`
	Level  string   `json:"u"`
	Open   bool     `json:"o,omitzero"`
	Source int      `json:"p"` // every int is the number of a shared text
	Kind   int      `json:"k"`
	Where  string   `json:"w"`
	Why    int      `json:"y"`
	Change string   `json:"c,omitzero"`
	Count  int      `json:"n"`
	Tier   string   `json:"ti,omitzero"`
	Reach  int      `json:"r,omitzero"`
	AppID  string   `json:"a,omitzero"`
	Maker  string   `json:"m,omitzero"`
	Also   []string `json:"al,omitempty"`

	Findings []pageFinding `json:"f,omitempty"`
	Changes  []string      `json:"ch,omitempty"`
	Access   []int         `json:"ac,omitempty"` // of shared reasons
	Notes    []string      `json:"no,omitempty"`
	Held     string        `json:"he,omitzero"`
	Holders  []string      `json:"h,omitempty"`
	More     int           `json:"hm,omitzero"` // holders that are not listed
	Allowed  []string      `json:"ap,omitempty"`
	Remedies []int         `json:"do,omitempty"`
	Revoke   int           `json:"rv,omitzero"`
	Approve  string        `json:"toml,omitzero"`
	Command  int           `json:"cmd,omitzero"`
}

// pageFinding is one finding: its rule, its severity, its sentence.
type pageFinding struct {
	Rule  int    `json:"r"`
	Level string `json:"u"`
	Why   int    `json:"y"`
}

// pageReason is one part of what an app may do.
type pageReason struct {
	Level   string `json:"u"`
	Why     string `json:"y"`
	Subject string `json:"s"`
	Class   string `json:"c,omitzero"`
}

// pageWords are what the script needs to know besides the entries.
type pageWords struct {
	Levels  []string      `json:"levels"`  // the most urgent first
	Changes []changeLabel `json:"changes"` // in the order of importance
	Since   string        `json:"since"`
	First   int           `json:"first"` // how many rows the page has already
}

type changeLabel struct {
	Kind string `json:"kind"`
	Mark string `json:"mark"`
	Name string `json:"name"`
}

// shared numbers what many entries have in common. Number 0 is nothing.
type shared[T comparable] struct {
	numbers map[T]int
	list    []T
}

func newShared[T comparable]() *shared[T] {
	var nothing T
	return &shared[T]{numbers: map[T]int{nothing: 0}, list: []T{nothing}}
}

func (s *shared[T]) number(value T) int {
	n, known := s.numbers[value]
	if !known {
		n = len(s.list)
		s.numbers[value] = n
		s.list = append(s.list, value)
	}
	return n
}

// pageData turns entries into what the page says about them.
type pageData struct {
	texts   *shared[string]
	reasons *shared[pageReason]
	holders int // that an entry lists
}

func newPageData(entries int) *pageData {
	each := maxPageHolders / max(entries, 1)
	return &pageData{
		texts: newShared[string](), reasons: newShared[pageReason](),
		holders: min(max(each, leastPageHolders), diff.MaxSubjectHolders),
	}
}

// data writes the block of data: one JSON object without any character that begins markup.
func (p *page) data() {
	data := newPageData(len(p.entries))
	encoder := jsontext.NewEncoder(&visible{w: p.out}, jsontext.EscapeForHTML(true), jsontext.EscapeForJS(true),
		jsontext.AllowInvalidUTF8(true))
	write := func(value any) {
		if p.err == nil {
			p.err = json.MarshalEncode(encoder, value, json.Deterministic(true))
		}
	}
	token := func(token jsontext.Token) {
		if p.err == nil {
			p.err = encoder.WriteToken(token)
		}
	}
	token(jsontext.BeginObject)
	token(jsontext.String("words"))
	write(p.words())
	token(jsontext.String("entries"))
	token(jsontext.BeginArray)
	for _, e := range p.entries {
		write(data.entry(e))
	}
	token(jsontext.EndArray)
	token(jsontext.String("texts"))
	write(data.texts.list)
	token(jsontext.String("reasons"))
	write(data.reasons.list)
	token(jsontext.EndObject)
}

func (p *page) words() pageWords {
	words := pageWords{Since: p.r.Since.Words.String(), First: len(p.firstRows())}
	for _, level := range mostUrgentFirst() {
		words.Levels = append(words.Levels, string(level))
	}
	for _, kind := range diff.ChangeKinds() {
		words.Changes = append(words.Changes, changeLabel{string(kind), markOf(kind), changeNames[kind]})
	}
	return words
}

func (d *pageData) entry(e *Entry) pageEntry {
	shown := pageEntry{
		ID: e.ID, Title: e.Title.String(), Level: string(levelName(e.Urgency)), Open: e.Open,
		Source: d.texts.number(sourceWord(e)),
		Kind:   d.texts.number(kindWord(e)), Where: where(e), Why: d.texts.number(e.Why.String()),
		Change: e.Change.String(), Count: e.HolderCount,
		Reach: d.texts.number(reachWords(e)), Maker: e.App.Publisher.String(), Held: heldBy(e),
		Notes:  remarks(e.Notes, e.Lookalikes),
		Revoke: d.texts.number(sentence(e.Revoke.String())), Approve: linesOf(e.Approve),
		Command: d.texts.number(e.ApproveWith.String()),
	}
	if e.Tier != "" {
		shown.Tier = string(levelName(e.Tier))
	}
	if e.App.ID != e.Title {
		shown.AppID = e.App.ID.String()
	}
	for _, app := range e.Also {
		shown.Also = append(shown.Also, strings.TrimSpace(app.ID.String()+" "+app.Name.String()))
	}
	for _, f := range e.Findings {
		finding := pageFinding{d.texts.number(f.Rule.String()), string(levelName(f.Severity)),
			d.texts.number(sentence(short(f.Why)))}
		if !slices.Contains(shown.Findings, finding) {
			shown.Findings = append(shown.Findings, finding)
		}
		if remedy := d.texts.number(sentence(f.Remedy.String())); remedy != 0 && !slices.Contains(shown.Remedies, remedy) {
			shown.Remedies = append(shown.Remedies, remedy)
		}
	}
	if slices.Contains(shown.Remedies, shown.Revoke) {
		shown.Revoke = 0
	}
	for _, change := range e.Changes {
		shown.Changes = append(shown.Changes, sentence(changeWord(change)))
	}
	d.hold(&shown, e)
	for n := range e.Reasons {
		shown.Access = append(shown.Access, d.reasons.number(reasonOf(&e.Reasons[n])))
	}
	shown.Allowed = (Cards{}).standing(e)
	return shown
}

// hold lists the first holders.
func (d *pageData) hold(shown *pageEntry, e *Entry) {
	for n := range e.Holders[:min(d.holders, len(e.Holders))] {
		shown.Holders = append(shown.Holders, holderLine(&e.Holders[n]))
	}
	shown.More = max(0, max(e.HolderCount, e.ItemCount, len(e.Holders))-len(shown.Holders))
}

func reasonOf(reason *risk.Reason) pageReason {
	why := reason.Why.String()
	if reason.Own != "" {
		why += "; " + ownWords(reason)
	}
	return pageReason{
		Level: string(levelName(reason.Level)), Why: sentence(why), Subject: reason.Subject.String(),
		Class: reason.Class.String(),
	}
}

// holderLine says what is in one place. The page may be viewed on a later day, so it has dates.
func holderLine(a *diff.Affected) string {
	parts := append([]string{shortPlace(a)}, conditions(a, dateOf)...)
	for _, part := range []string{clip(short(a.Detail), 200), a.Page.String()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// linesOf is text with several lines, each harmless.
func linesOf(text inventory.Untrusted) string {
	lines := strings.Split(string(text), "\n")
	for n, line := range lines {
		lines[n] = inventory.Untrusted(line).String()
	}
	return strings.Join(lines, "\n")
}

// sourceWord names the vendor of what the entry is about; allowlist entries belong to none.
func sourceWord(e *Entry) string {
	if e.Provider == "" {
		return "allowlist"
	}
	return vendorWord(e.Provider)
}

func vendorWord(provider inventory.Provider) string {
	if name := vendor.Of(provider).Name; name != "" {
		return name
	}
	return inventory.Untrusted(provider).String()
}

// isInTable: sources that were not read are in the coverage.
func isInTable(e *Entry) bool { return e.About != diff.AboutSource }

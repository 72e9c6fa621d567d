package enforce

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"guestlist/allowlist"
	"guestlist/allowlist/appid"
	"guestlist/scanner/inventory"
)

// The Admin console takes and gives a CSV of the apps whose access is configured: at most 10 MB, a
// row an app and organizational unit.
var googleColumns = []string{"App Name", "Type", "Id", "Org Unit", "Access"}

// otherColumns are words that exports have for a column.
var otherColumns = map[string]string{
	"client id": "id", "oauth client id": "id", "app id": "id", "organizational unit": "org unit",
	"org unit path": "org unit", "app access": "access",
}

const (
	googleSuffix = ".apps.googleusercontent.com"
	// webApplication is the type of an app that is named by its client ID.
	webApplication = "Web Application"
	everyUnit      = "/"
	// maxConsoleBytes is how large a file the console takes.
	maxConsoleBytes = 10_000_000
)

// accessWords are the words of the column Access, in lower case.
var accessWords = map[string]Mode{
	"trusted": Trusted, "limited": Limited, "blocked": Blocked, "specific google data": Specific, "specific": Specific,
	"unconfigured": Unset, "": Unset,
}

// signInScopes tell an app who a person is, and nothing more.
var signInScopes = []inventory.Untrusted{
	"openid", "email", "profile", "https://www.googleapis.com/auth/userinfo.email",
	"https://www.googleapis.com/auth/userinfo.profile",
}

func planGoogle(p *planner) {
	named := map[inventory.Untrusted][]*allowlist.Entry{}
	for _, e := range p.list.Entries() {
		if e.Project != "" && e.Kind == inventory.KindOAuthGrant && e.Part != allowlist.PartDefer {
			p.note(e, "left out: the console takes client IDs, and this entry names a project")
		}
		for _, id := range clientsOf(e) {
			named[id] = append(named[id], e)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		app := &app{planner: p, id: id, named: named[id]}
		if rule, found := app.access(); found {
			p.policy.Rules[unitKey(id, p.options.OrgUnit)] = rule
		}
	}
	p.note(nil, "apps that are not in the file keep the console's setting for unconfigured apps: "+
		"set it to block them, under API controls > Settings")
	p.note(nil, "apps are written as web applications: the client ID of an Android or iOS app needs its own type in the file")
}

// clientsOf returns the OAuth client IDs of an entry, as they are compared. Without a kind, a bare
// number may be the ID of anything.
func clientsOf(e *allowlist.Entry) []inventory.Untrusted {
	if e.Kind != "" && e.Kind != inventory.KindOAuthGrant {
		return nil
	}
	var ids []inventory.Untrusted
	for _, id := range e.IDs {
		canonical := appid.CanonicalClient(id)
		if appid.IsClient(canonical) && (e.Kind != "" || strings.Contains(string(id), "-") || canonical != id) {
			ids = append(ids, canonical)
		}
	}
	return ids
}

// unitKey names an app in an organizational unit; everyone's is the app's ID alone.
func unitKey(id, unit inventory.Untrusted) inventory.Untrusted {
	if unit == "" || unit == everyUnit {
		return id
	}
	return id + " in " + unit
}

// idOf is the app of a [unitKey].
func idOf(key inventory.Untrusted) inventory.Untrusted {
	id, _, _ := strings.Cut(string(key), " in ")
	return inventory.Untrusted(id)
}

// access decides what an app may have. Not found: the console's default counts.
func (a *app) access() (rule Rule, found bool) {
	item := a.item(inventory.KindOAuthGrant, a.id)
	approvals, _ := a.list.InForce(&item, a.options.At)
	defer a.noteLeftOut()
	verdict := a.list.Decide(&item, a.options.At)
	switch {
	case verdict.Decision == allowlist.Denied:
		return Rule{Mode: Blocked}, true
	case len(approvals) == 0:
		return Rule{}, false
	}
	scopes, pinned := union(approvals, func(e *allowlist.Entry) []inventory.Untrusted { return e.Permissions })
	switch {
	case !pinned:
		return Rule{Mode: Trusted}, true
	case !slices.ContainsFunc(scopes, func(scope inventory.Untrusted) bool { return !slices.Contains(signInScopes, scope) }):
		return Rule{Mode: Limited}, true
	}
	a.note(approvals[0], "the file cannot name scopes, so that the app becomes trusted: "+
		"choose Specific Google data for it in the console, with %s", joined(scopes))
	return Rule{Mode: Trusted}, true
}

func writeGoogle(p *planner) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{googleColumns}
	for _, key := range slices.Sorted(maps.Keys(p.policy.Rules)) {
		id := idOf(key)
		rows = append(rows, []string{
			inert(p.nameOf(id)), webApplication, string(id) + googleSuffix, string(p.options.OrgUnit),
			accessWord(p.policy.Rules[key].Mode),
		})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	if out.Len() > maxConsoleBytes {
		return nil, fmt.Errorf("it has %d bytes, and the console takes %d: split the allowlist", out.Len(), maxConsoleBytes)
	}
	return out.Bytes(), nil
}

func accessWord(mode Mode) string { return strings.ToUpper(string(mode[:1])) + string(mode[1:]) }

// nameOf is the name that the allowlist has for an app.
func (p *planner) nameOf(id inventory.Untrusted) inventory.Untrusted { return NameOf(p.list, id) }

// NameOf returns the name that the allowlist has for an ID; empty if it has none.
func NameOf(list *allowlist.List, id inventory.Untrusted) inventory.Untrusted {
	for _, e := range list.Entries() {
		for _, own := range e.IDs {
			if e.Name != "" && (appid.Canonical(own) == id || appid.CanonicalClient(own) == id) {
				return e.Name
			}
		}
	}
	return ""
}

// inert is a name that no spreadsheet takes for a formula.
func inert(name inventory.Untrusted) string {
	text := name.String()
	trimmed := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '\'' })
	if trimmed != "" && strings.ContainsRune("=+-@|%\t\r", rune(trimmed[0])) {
		return "'" + text
	}
	return text
}

// readGoogle reads a CSV of configured apps, as the console exports it or [Emit] writes it.
func readGoogle(_ *Target, data []byte) (*Policy, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	header, err := r.Read()
	if err != nil {
		return nil, errors.New("it is empty, and not a CSV of configured apps")
	}
	columns := map[string]int{}
	for n, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		columns[cmp.Or(otherColumns[name], name)] = n + 1
	}
	if columns["id"] == 0 || columns["access"] == 0 {
		return nil, errors.New("it has no columns Id and Access, so it is not a CSV of configured apps")
	}
	policy := &Policy{Default: Rule{Mode: Unset}, Rules: map[inventory.Untrusted]Rule{}}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return policy, nil
		case err != nil:
			return nil, fmt.Errorf("it is not CSV: %w", err)
		}
		policy.addApp(columns, row, r)
	}
}

func (p *Policy) addApp(columns map[string]int, row []string, r *csv.Reader) {
	cell := func(name string) inventory.Untrusted {
		if n := columns[name]; n > 0 && n <= len(row) {
			return inventory.Untrusted(strings.TrimSpace(row[n-1]))
		}
		return ""
	}
	line, _ := r.FieldPos(0)
	mode, known := accessWords[strings.ToLower(string(cell("access")))]
	id := appid.CanonicalClient(cell("id"))
	switch {
	case cell("id") == "":
		p.Remarks = append(p.Remarks, inventory.Textf("line %d has no ID", line))
	case !known:
		p.Remarks = append(p.Remarks, inventory.Textf("line %d: the access %q is not known", line, cell("access")))
	case mode != Unset:
		p.Rules[unitKey(id, cell("org unit"))] = Rule{Mode: mode}
	}
}

package enforce

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// Options say for whom a policy is, and how it is written. The zero value of a field is its
// default.
type Options struct {
	Form Form
	// For is the account, organization or pattern of accounts that the policy is for, as `for`
	// names them. Empty: everyone, so that an approval for some is not in it.
	For inventory.Untrusted
	// Require is what becomes of required apps: [Forced], the default, or [Normal].
	Require Mode
	OrgUnit inventory.Untrusted // of Google; "/" is everyone
	At      time.Time
}

// Output is a policy that was written.
type Output struct {
	Content []byte
	// Place says where it is to be put.
	Place string
	// Permitted, Installed and Refused count the apps that it names.
	Permitted, Installed, Refused int
	Notes                         []Note
}

// Note is about something that the policy does not enforce, or leaves out.
type Note struct {
	Position allowlist.Position  // of the entry; zero for the whole policy
	Title    inventory.Untrusted // of the entry
	Text     inventory.Untrusted
}

func (n Note) String() string {
	if n.Title == "" {
		return n.Text.String()
	}
	return fmt.Sprintf("%v: %q: %s", n.Position, n.Title, n.Text)
}

// Emit writes the policy of a target. The same list, options and day give the same bytes.
func Emit(list *allowlist.List, target *Target, options Options) (*Output, error) {
	p := newPlanner(list, target, options)
	p.plan()
	content, err := target.write(p)
	if err != nil {
		return nil, fmt.Errorf("writing the policy for %s: %w", target.Title, err)
	}
	output := &Output{Content: content, Place: p.place(), Notes: p.notes}
	for _, rule := range p.policy.Rules {
		switch {
		case rule.Mode.Installs():
			output.Installed++
		case rule.Mode.Permits():
			output.Permitted++
		default:
			output.Refused++
		}
	}
	return output, nil
}

// Wanted returns the policy that the allowlist asks for, and what it cannot express.
func Wanted(list *allowlist.List, target *Target, options Options) (*Policy, []Note) {
	p := newPlanner(list, target, options)
	p.plan()
	return p.policy, p.notes
}

// planner makes the policy of a target.
type planner struct {
	list    *allowlist.List
	target  *Target
	options Options
	policy  *Policy
	notes   []Note
	noted   map[Note]bool
}

func newPlanner(list *allowlist.List, target *Target, options Options) *planner {
	if options.Form == "" {
		options.Form = target.Forms[0]
	}
	if options.Require == "" {
		options.Require = Forced
	}
	if options.OrgUnit == "" {
		options.OrgUnit = "/"
	}
	return &planner{list: list, target: target, options: options, noted: map[Note]bool{}, policy: &Policy{
		Default: Rule{Mode: Blocked, Message: message("", list)}, Rules: map[inventory.Untrusted]Rule{},
	}}
}

// note adds a note about an entry, once.
func (p *planner) note(e *allowlist.Entry, format string, args ...any) {
	note := Note{Text: inventory.Textf(format, args...)}
	if e != nil {
		note.Position, note.Title = e.Position, e.Title()
	}
	if !p.noted[note] {
		p.noted[note] = true
		p.notes = append(p.notes, note)
	}
}

func (p *planner) plan() {
	p.target.plan(p)
	slices.SortStableFunc(p.notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.Position.File, b.Position.File), cmp.Compare(a.Position.Line, b.Position.Line))
	})
}

// place says where the file that was written is to be put.
func (p *planner) place() string {
	t := p.target
	switch p.options.Form {
	case FormPlist:
		return "/Library/Managed Preferences/" + t.MacOS + ".plist, through device management"
	case FormMobileconfig:
		return "device management, as a profile for the device"
	case FormReg:
		return `HKEY_LOCAL_MACHINE\` + t.Windows + ", with reg import"
	}
	switch {
	case t.IsMerged():
		return t.Linux + "/guestlist.json"
	case t.IsBrowser():
		return t.Linux
	}
	return t.Place
}

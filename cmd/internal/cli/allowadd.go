package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// decisionFlags are what a person decides about an app.
type decisionFlags struct {
	editFlags
	owner, reason, expires string
	kind, from             string
	holders, pins          []string
}

func (o *decisionFlags) addApp(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.kind, "kind", "", "the `KIND` of the app, where an ID is of several or no scan saw it: extension, oauth-grant …")
	flags.StringVar(&o.from, "from", "", "look in the snapshot `FILE` instead of the newest that are kept")
}

const (
	ownerUsage   = "name `OWNER` as who answers for it, such as it@acme.example"
	forUsage     = "for these `ACCOUNTS` only, organizations or repositories; * matches any text"
	expiresUsage = "the last `DAY`, such as 2027-05-23, or how long it lasts: 180d, 26w"
	pinUsage     = "pin `WHAT` it may do: observed, none, or KEY=VALUE,… for one of "
)

func newAllowAdd(env *Env) *cobra.Command {
	var o decisionFlags
	cmd := &cobra.Command{
		Use:   "add ID|NAME...",
		Short: "Approve apps: write their entries, pinned to what they may do now",
		Long: `add writes an [[allow]] entry for each app to the end of the allowlist, or fills in the one that
waits for a decision. What the newest kept scans saw of the app is pinned, so that whatever it gains
later is reported. Nothing else in the file changes, comments and order included; the change is
shown as a patch. A name is looked for among what scans saw, and refused if another app has it or
one that looks like it: the ID is written. Without --owner or --reason the entry approves nothing
yet.`,
		Example: `  guestlist allow add cjpalhdlnbpafiamejdnhcphjbkeiagm --owner it@acme.example --reason "Ads carry malware"
  guestlist allow add "Acme Notes" --owner it@acme.example --reason "Minutes" --expires 90d --dry-run
  guestlist allow add oauth-grant:123456789012-abc --pin permissions=openid,email --for "*@acme.example"`,
		Args:              atLeastOne,
		ValidArgsFunction: env.completeShown,
		RunE:              func(_ *cobra.Command, args []string) error { return env.allowAdd(&o, args) },
	}
	o.addApp(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.owner, "owner", "", ownerUsage)
	flags.StringVar(&o.reason, "reason", "", "say what it is needed for: `TEXT`")
	flags.StringVar(&o.expires, "expires", "", expiresUsage)
	flags.StringSliceVar(&o.holders, "for", nil, forUsage)
	flags.StringArrayVar(&o.pins, "pin", nil, pinUsage+strings.Join(strict.NamesOf(allowlist.PinKeys()), ", ")+" (repeatable)")
	o.add(cmd)
	return cmd
}

func atLeastOne(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	return usageError(fmt.Errorf("%s takes at least one ID or name", cmd.CommandPath()), cmd.CommandPath()+" --help")
}

func (env *Env) allowAdd(o *decisionFlags, words []string) error {
	pins, err := parsePins(o.pins)
	if err != nil {
		return err
	}
	approval, err := env.approval(o)
	if err != nil {
		return err
	}
	apps, e, err := env.appsToEdit(o, words)
	if err != nil {
		return err
	}
	for _, a := range apps {
		if err := e.approve(a, approval, pins); err != nil {
			return err
		}
	}
	return e.finish()
}

// approval reads what the flags say about an approval of today.
func (env *Env) approval(o *decisionFlags) (allowlist.Approval, error) {
	today := env.today()
	a := allowlist.Approval{Owner: o.owner, Reason: o.reason, Approved: today, For: inventory.All(o.holders)}
	for _, each := range []struct{ flag, text string }{{"--owner", o.owner}, {"--reason", o.reason}} {
		if err := oneLine(each.flag, each.text); err != nil {
			return a, err
		}
	}
	var err error
	if o.expires != "" {
		a.Expires, err = parseDay("--expires", o.expires, today)
	}
	return a, err
}

// today is the day in UTC, as in every date of the allowlist.
func (env *Env) today() allowlist.Date { return allowlist.DateOf(env.Now()) }

// parseDay reads a day to come, or how long it is until then.
func parseDay(flag, text string, today allowlist.Date) (allowlist.Date, error) {
	if days, err := allowlist.ParseDays(text); err == nil {
		return today.Add(days), nil
	}
	day, err := allowlist.ParseDate(text)
	switch {
	case err != nil:
		return day, usageError(fmt.Errorf("%s: %q is neither a day nor a number of days or weeks", flag, inventory.Untrusted(text)),
			flag+" "+today.Add(exampleDays).String(), flag+" 90d")
	case day.Compare(today) <= 0:
		return day, usageError(fmt.Errorf("%s: %v has passed", flag, day), flag+" "+today.Add(exampleDays).String())
	}
	return day, nil
}

// exampleDays is how far ahead the day of an example is.
const exampleDays = 90

// appsToEdit finds the apps that words mean, and opens the allowlist.
func (env *Env) appsToEdit(o *decisionFlags, words []string) ([]*app, *listEdit, error) {
	if err := checkKind(o.kind); err != nil {
		return nil, nil, err
	}
	e, err := env.editList(&o.editFlags, true)
	if err != nil {
		return nil, nil, err
	}
	observed, err := env.observed(o.from)
	if err != nil {
		return nil, nil, err
	}
	var apps []*app
	for _, word := range words {
		a, err := observed.find(word, inventory.Kind(o.kind))
		if err != nil {
			return nil, nil, err
		}
		if !slices.ContainsFunc(apps, func(other *app) bool { return other.kind == a.kind && other.id == a.id }) {
			apps = append(apps, a)
		}
	}
	return apps, e, nil
}

func checkKind(kind string) error {
	if kind == "" || slices.Contains(inventory.Kinds(), inventory.Kind(kind)) {
		return nil
	}
	return kindWords().check("--kind: ", kind)
}

func kindWords() vocabulary {
	return vocabulary{one: "a kind", all: "kinds", words: strict.NamesOf(inventory.Kinds())}
}

// approve writes an app's entry, or fills in the one that waits.
func (e *listEdit) approve(a *app, approval allowlist.Approval, pins pins) error {
	var deferred []*allowlist.Entry
	var pending *allowlist.Entry
	for _, entry := range e.entriesOf(a.kind, a.id) {
		isSame := len(entry.For) == 0 && len(approval.For) == 0 || slices.Equal(entry.For, approval.For)
		switch {
		case entry.Part == allowlist.PartDeny:
			return usageError(fmt.Errorf("%v: %q is denied, and a refusal wins over an approval", entry.Position, a.title()),
				e.command("remove", entry))
		case entry.Part == allowlist.PartDefer && len(entry.IDs) > 1:
			e.note("%v defers the decision about other IDs as well, and stays: the approval wins over it", entry.Position)
		case entry.Part == allowlist.PartDefer && e.isOwn(entry):
			deferred = append(deferred, entry)
		case entry.Part != allowlist.PartAllow || entry.Preset != "":
		case len(entry.Pending()) > 0 && (isSame || len(approval.For) == 0):
			pending = entry
		case len(entry.Pending()) == 0 && isSame:
			return usageError(fmt.Errorf("%v: %q is approved already", entry.Position, a.title()),
				e.command("renew", entry)+"  # for a new date; with --pin observed, for what it may do now")
		}
	}
	if err := e.remove(deferred); err != nil {
		return err
	}
	if pending != nil {
		return e.fillIn(pending, a, approval, pins)
	}
	entry, err := a.entry(approval, pins)
	if err != nil {
		return err
	}
	if err := e.doc.Append(entry); err != nil {
		return refused(err)
	}
	e.saidOf(a, approval, entry)
	return nil
}

// entry is the app's [[allow]] entry.
func (a *app) entry(approval allowlist.Approval, pins pins) (edit.Entry, error) {
	items := []inventory.Item{{Kind: a.kind, App: inventory.App{ID: a.id}}}
	if a.observed != nil {
		items = a.observed.Ways
	}
	entry, found := approval.Entry(items)
	if !found {
		return entry, usageError(errors.New("an app without an ID cannot be approved"))
	}
	entry.Pairs = slices.DeleteFunc(entry.Pairs, func(pair edit.Pair) bool {
		return slices.Contains(allowlist.PinKeys(), pair.Key)
	})
	entry.Pairs = append(entry.Pairs, pins.of(a)...)
	return entry, nil
}

// fillIn completes an entry that waits for a decision. Its pins stay, unless others are named.
func (e *listEdit) fillIn(entry *allowlist.Entry, a *app, approval allowlist.Approval, pins pins) error {
	filled := edit.Entry{Pairs: approvalPairs(approval, entry.Pending())}
	if pins.given {
		filled.Pairs = append(filled.Pairs, pins.of(a)...)
	}
	if err := e.set(entry, filled.Pairs); err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(entry.Pending()), func(key string) bool {
		return slices.ContainsFunc(filled.Pairs, func(pair edit.Pair) bool { return string(pair.Key) == key })
	})
	if len(left) > 0 {
		e.note("%q approves nothing until %s filled in: %s", a.title(), isOrAre(left), flagsFor(left))
	}
	if drifts := excess(entry, a); len(drifts) > 0 && !pins.given {
		e.note("%q holds more now than its entry pins: %s; --pin observed approves that as well", a.title(), scopeList(drifts))
	}
	return nil
}

// approvalPairs are the keys of an approval that were given. The day is set where it is pending.
func approvalPairs(approval allowlist.Approval, pending []string) []edit.Pair {
	var pairs []edit.Pair
	for _, each := range []struct{ key, text string }{{"owner", approval.Owner}, {"reason", approval.Reason}} {
		if text := strings.TrimSpace(each.text); text != "" {
			pairs = append(pairs, edit.Pair{Key: edit.Name(each.key), Value: edit.Text(inventory.Untrusted(text))})
		}
	}
	if !approval.Approved.IsZero() {
		pairs = append(pairs, edit.Pair{Key: "approved", Value: edit.Day(approval.Approved.String())})
	}
	if !approval.Expires.IsZero() {
		pairs = append(pairs, edit.Pair{Key: "expires", Value: edit.Day(approval.Expires.String())})
	}
	return pairs
}

// saidOf says what is left to do about a new entry, and what it does not pin.
func (e *listEdit) saidOf(a *app, approval allowlist.Approval, entry edit.Entry) {
	var left []string
	for key, text := range map[string]string{"owner": approval.Owner, "reason": approval.Reason} {
		if strings.TrimSpace(text) == "" {
			left = append(left, key)
		}
	}
	slices.Sort(left)
	if len(left) > 0 {
		e.note("%q approves nothing until %s filled in: %s", a.title(), isOrAre(left), flagsFor(left))
	}
	isPinned := slices.ContainsFunc(entry.Pairs, func(pair edit.Pair) bool {
		return slices.Contains(allowlist.PinKeys(), pair.Key)
	})
	if !isPinned {
		why := "nothing is pinned"
		if a.observed == nil {
			why = "no scan that is kept saw it, so nothing is pinned"
		}
		e.note("%q: %s, and whatever it may do is approved", a.title(), why)
	}
}

func isOrAre(keys []string) string {
	verb := " is"
	if len(keys) > 1 {
		verb = " are"
	}
	return inventory.Enumerate(keys, "and") + verb
}

func flagsFor(keys []string) string {
	var flags []string
	for _, key := range keys {
		if key != "approved" { // the day is set by the command
			flags = append(flags, "--"+key)
		}
	}
	return strings.Join(flags, ", ")
}

// entryWord names an entry of the allowlist on a command line.
func entryWord(entry *allowlist.Entry) string {
	return shellWord(inventory.Untrusted("entry:" + entry.Position.String()))
}

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
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func newAllowRenew(env *Env) *cobra.Command {
	var o decisionFlags
	cmd := &cobra.Command{
		Use:   "renew ID|NAME...",
		Short: "Approve again what was approved: a new date, and what it may do now if that is asked for",
		Long: `renew dates approvals of today. An entry that has a last day gets one as far ahead as it had; one
without is left to review_within. What the apps may do beyond what was approved is shown, and
stays unapproved unless --pin observed pins what they may do now.`,
		Example: `  guestlist allow renew cjpalhdlnbpafiamejdnhcphjbkeiagm
  guestlist allow renew "Acme Notes" --expires 180d --pin observed --dry-run`,
		Args:              atLeastOne,
		ValidArgsFunction: env.completeID,
		RunE:              func(_ *cobra.Command, args []string) error { return env.allowRenew(&o, args) },
	}
	o.addApp(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.owner, "owner", "", ownerUsage)
	flags.StringVar(&o.reason, "reason", "", "say what it is needed for: `TEXT`")
	flags.StringVar(&o.expires, "expires", "", expiresUsage)
	flags.StringArrayVar(&o.pins, "pin", nil, pinUsage+strings.Join(strict.NamesOf(allowlist.PinKeys()), ", ")+" (repeatable)")
	o.add(cmd)
	return cmd
}

func (env *Env) allowRenew(o *decisionFlags, words []string) error {
	pins, err := parsePins(o.pins)
	if err != nil {
		return err
	}
	approval, err := env.approval(o)
	if err != nil {
		return err
	}
	e, entries, err := env.entriesToEdit(o, words, allowlist.PartAllow)
	if err != nil {
		return err
	}
	observed, err := env.observed(o.from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := e.renew(entry, observed, approval, pins); err != nil {
			return err
		}
	}
	return e.finish()
}

// renew dates an approval again, and says what has changed since it was given.
func (e *listEdit) renew(entry *allowlist.Entry, observed *observedApps, approval allowlist.Approval, pins pins) error {
	if len(entry.Pending()) > 0 {
		return usageError(fmt.Errorf("%v: %q was never approved: %s not filled in", entry.Position, entry.Title(),
			isOrAre(entry.Pending())), "guestlist allow add "+wordOf(entry))
	}
	if approval.Expires.IsZero() && !entry.Expires.IsZero() {
		approval.Expires = approval.Approved.Add(daysBetween(entry.Approved, entry.Expires))
	}
	pairs := approvalPairs(approval, nil)
	a := observed.ofEntry(entry)
	if pins.given {
		pairs = append(pairs, pins.of(a)...)
	}
	if err := e.set(entry, pairs); err != nil {
		return err
	}
	e.changes(entry, a, pins)
	return nil
}

// changes says what is different from what was approved.
func (e *listEdit) changes(entry *allowlist.Entry, a *app, pins pins) {
	beyond := excess(entry, a)
	switch {
	case a.observed == nil:
		e.note("%q: no scan that is kept saw it, so nothing is known of what it may do now", entry.Title())
	case len(beyond) == 0:
		e.note("%q: nothing beyond what was approved on %v", entry.Title(), entry.Approved)
	case pins.given:
		e.note("%q: since %v it has gained %s", entry.Title(), entry.Approved, scopeList(beyond))
	default:
		e.note("%q: since %v it has gained %s, which stays unapproved; --pin observed approves that as well", entry.Title(),
			entry.Approved, scopeList(beyond))
	}
}

// daysBetween is how many days a day is after another; at least one.
func daysBetween(from, to allowlist.Date) allowlist.Days {
	return max(1, allowlist.Days(to.Start().Sub(from.Start()).Hours()/24))
}

// ofEntry is what scans saw of everything that an entry names, as one app.
func (o *observedApps) ofEntry(entry *allowlist.Entry) *app {
	a := &app{kind: entry.Kind, id: entry.Title()}
	for n := range o.apps {
		seen := &o.apps[n]
		for i := range seen.Ways {
			if !entry.Matches(&seen.Ways[i]) {
				continue
			}
			if a.observed == nil {
				a.observed = &history.App{Kind: seen.Kind, ID: seen.ID, Names: seen.Names}
			}
			a.observed.Ways = append(a.observed.Ways, seen.Ways[i])
		}
	}
	return a
}

// entriesToEdit opens the allowlist, and finds the entries that words mean: by an ID that they
// have, by their name if one entry alone has it, or as entry:FILE:LINE. Without parts it may be any.
func (env *Env) entriesToEdit(o *decisionFlags, words []string, parts ...allowlist.Part) (*listEdit, []*allowlist.Entry, error) {
	if err := checkKind(o.kind); err != nil {
		return nil, nil, err
	}
	e, err := env.editList(&o.editFlags, false)
	if err != nil {
		return nil, nil, err
	}
	var entries []*allowlist.Entry
	for _, word := range words {
		entry, err := e.find(word, inventory.Kind(o.kind), parts)
		if err != nil {
			return nil, nil, err
		}
		if !slices.Contains(entries, entry) {
			entries = append(entries, entry)
		}
	}
	return e, entries, nil
}

func (e *listEdit) find(word string, kind inventory.Kind, parts []allowlist.Part) (*allowlist.Entry, error) {
	query := history.ParseQuery(report.ParseArgument(word))
	if query.Kind != "" {
		kind = query.Kind
	}
	var byID, byName []*allowlist.Entry
	for _, entry := range e.list.Entries() {
		switch {
		case len(parts) > 0 && !slices.Contains(parts, entry.Part):
		case query.Topic == history.TopicEntry:
			if entry.Position.String() == query.Text.String() {
				return entry, nil
			}
		case entry.NamesApp(kind, query.Text), entry.Project != "" && strings.EqualFold(entry.Project.String(), query.Text.String()):
			byID = append(byID, entry)
		case (kind == "" || kind == entry.Kind) && entry.Name != "" && strings.EqualFold(entry.Name.String(), query.Text.String()):
			byName = append(byName, entry)
		}
	}
	found := byID
	if len(found) == 0 {
		found = byName
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return nil, usageError(fmt.Errorf("%q names no entry of %q", inventory.Untrusted(word), inventory.Untrusted(e.path)),
			"guestlist allow explain ID says what the allowlist has about an app")
	}
	var hints []string
	for _, entry := range found[:min(len(found), maxCandidates)] {
		hints = append(hints, fmt.Sprintf("%s  # [[%s]] %s", entryWord(entry), entry.Part, entry.Title()))
	}
	return nil, usageError(fmt.Errorf("%q may mean %d entries", inventory.Untrusted(word), len(found)), hints...)
}

// wordOf names what an entry is about on a command line.
func wordOf(entry *allowlist.Entry) string {
	if len(entry.IDs) == 0 {
		return entryWord(entry)
	}
	if entry.Kind == "" {
		return report.Argument(entry.IDs[0])
	}
	return appWord(entry.Kind, entry.IDs[0])
}

func newAllowRemove(env *Env) *cobra.Command {
	var o decisionFlags
	cmd := &cobra.Command{
		Use:   "remove ID|NAME...",
		Short: "Remove entries from the allowlist, with the comments that belong to them",
		Long: `remove takes entries out of the allowlist, each with the comment directly above it. A scan that
finds the app again reports it as unapproved: to say that it is not wanted, deny it.`,
		Example: `  guestlist allow remove cjpalhdlnbpafiamejdnhcphjbkeiagm
  guestlist allow remove entry:allowlist.toml:12 --dry-run`,
		Args:              atLeastOne,
		ValidArgsFunction: env.completeID,
		RunE: func(_ *cobra.Command, args []string) error {
			e, entries, err := env.entriesToEdit(&o, args)
			if err == nil {
				err = e.remove(entries)
			}
			if err != nil {
				return err
			}
			return e.finish()
		},
	}
	cmd.Flags().StringVar(&o.kind, "kind", "", "the `KIND` of the app, where an ID is of several: extension, oauth-grant …")
	o.add(cmd)
	return cmd
}

func newAllowFmt(env *Env) *cobra.Command {
	var o editFlags
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE]",
		Short: "Space the allowlist evenly, with the keys of each entry in the same order",
		Long: `fmt writes the allowlist with one empty line between entries, one space around "=" and the keys of
each entry in the order of the documentation. Entries and lists keep the order that their reviewers
gave them, comments stay with what they are about, and what the file says stays the same.`,
		Args:              between(0, 1, "one file"),
		ValidArgsFunction: fileArguments(1, "toml"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if o.allowlist != "" {
					return usageError(errors.New("the file is named twice"), "guestlist allow fmt FILE")
				}
				o.allowlist = args[0]
			}
			o.dryRun = o.dryRun || check
			return env.allowFmt(&o, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing, and exit with 3 if something would be changed")
	o.add(cmd)
	return cmd
}

func (env *Env) allowFmt(o *editFlags, check bool) error {
	e, err := env.editList(o, false)
	if err != nil {
		return err
	}
	if err := e.doc.Format(); err != nil {
		return refused(err)
	}
	if err := e.finish(); err != nil {
		return err
	}
	if check && string(e.before) != string(e.doc.Bytes()) {
		return reported(report.ExitFindings)
	}
	return nil
}

// set sets keys of an entry.
func (e *listEdit) set(entry *allowlist.Entry, pairs []edit.Pair) error {
	at, err := e.place(entry)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		if err := e.doc.Set(at, string(pair.Key), pair.Value); err != nil {
			return refused(err)
		}
	}
	e.noteOthers(entry)
	return nil
}

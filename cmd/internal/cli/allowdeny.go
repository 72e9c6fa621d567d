package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
)

// objectionFlags are what a person says against an app.
type objectionFlags struct {
	decisionFlags
	source, until string
}

func newAllowDeny(env *Env) *cobra.Command {
	var o objectionFlags
	cmd := &cobra.Command{
		Use:   "deny ID|NAME...",
		Short: "Refuse apps, with a reason: whoever has them is reported",
		Long: `deny writes a [[deny]] entry for each app, which wins over every approval. An entry of the app
alone that approves it, or defers the decision, is removed.`,
		Example: `  guestlist allow deny "Coupon Finder" --reason "Sends every page to its maker" --source https://acme.example/advisory`,
		Args:    atLeastOne, ValidArgsFunction: env.completeShown,
		RunE: func(_ *cobra.Command, args []string) error { return env.allowObject(&o, args, false) },
	}
	o.addApp(cmd)
	cmd.Flags().StringVar(&o.reason, "reason", "", "say why: `TEXT`")
	cmd.Flags().StringVar(&o.source, "source", "", "where that is published: `URL`")
	o.add(cmd)
	return cmd
}

func newAllowDefer(env *Env) *cobra.Command {
	var o objectionFlags
	cmd := &cobra.Command{
		Use:   "defer ID|NAME... --until DATE",
		Short: "Let the decision about apps wait until a day, with a reason",
		Long: `defer writes a [[defer]] entry for each app. It approves nothing: until its day the app is reported
for information alone, and from then on it waits for approval again.`,
		Example: `  guestlist allow defer "Acme Notes" --until 30d --reason "The vendor answers our questions" --owner it@acme.example`,
		Args:    atLeastOne, ValidArgsFunction: env.completeShown,
		RunE: func(_ *cobra.Command, args []string) error { return env.allowObject(&o, args, true) },
	}
	o.addApp(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.until, "until", "", "the `DAY` on which it is due, such as 2027-05-23, or how long it waits: 30d, 4w")
	flags.StringVar(&o.reason, "reason", "", "say what it waits for: `TEXT`")
	flags.StringVar(&o.owner, "owner", "", "name `OWNER` as who decides")
	flags.StringSliceVar(&o.holders, "for", nil, forUsage)
	o.add(cmd)
	return cmd
}

// allowObject denies apps, or defers the decision about them.
func (env *Env) allowObject(o *objectionFlags, words []string, later bool) error {
	objection := allowlist.Objection{Reason: o.reason, Source: o.source, Owner: o.owner, For: inventory.All(o.holders)}
	for _, each := range []struct{ flag, text string }{{"--reason", o.reason}, {"--source", o.source}, {"--owner", o.owner}} {
		if err := oneLine(each.flag, each.text); err != nil {
			return err
		}
	}
	var err error
	switch {
	case later && o.until == "":
		return usageError(errors.New("say until which day the decision waits"), "--until 30d")
	case later:
		if objection.Until, err = parseDay("--until", o.until, env.today()); err != nil {
			return err
		}
	}
	if strings.TrimSpace(o.reason) == "" {
		return usageError(errors.New("say why, for the next reviewer"), `--reason "…"`)
	}
	apps, e, err := env.appsToEdit(&o.decisionFlags, words)
	if err != nil {
		return err
	}
	for _, a := range apps {
		if err := e.object(a, objection); err != nil {
			return err
		}
	}
	return e.finish()
}

// object writes what a person says against an app.
func (e *listEdit) object(a *app, objection allowlist.Objection) error {
	var replaced []*allowlist.Entry
	for _, entry := range e.entriesOf(a.kind, a.id) {
		switch isLater := !objection.Until.IsZero(); {
		case entry.Part == allowlist.PartDeny:
			return usageError(fmt.Errorf("%v: %q is denied already", entry.Position, a.title()))
		case entry.Part == allowlist.PartDefer && isLater && e.isOwn(entry):
			return e.set(entry, objectionPairs(objection))
		case entry.Part == allowlist.PartAllow && isLater && entry.Preset == "" && len(entry.Pending()) == 0 && len(objection.For) == 0:
			return usageError(fmt.Errorf("%v: %q is approved, and an approval decides", entry.Position, a.title()),
				e.command("remove", entry))
		case isLater || !e.isOwn(entry) || entry.Part == allowlist.PartRequire:
		case len(entry.IDs) > 1:
			e.note("%v approves other IDs as well, and stays: the refusal wins over it", entry.Position)
		default:
			replaced = append(replaced, entry)
		}
	}
	if err := e.remove(replaced); err != nil {
		return err
	}
	objection.Kind, objection.IDs = a.kind, []inventory.Untrusted{a.id}
	if a.observed != nil {
		objection.Name = a.observed.Name()
		if objection.Name == a.id {
			objection.Name = ""
		}
	}
	return refused(e.doc.Append(objection.Entry()))
}

// objectionPairs are the keys of a deferred decision that are decided again.
func objectionPairs(objection allowlist.Objection) []edit.Pair {
	var pairs []edit.Pair
	for _, pair := range objection.Entry().Pairs {
		if pair.Key == "until" || pair.Key == "reason" || pair.Key == "owner" {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/cmd/internal/living"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// proposeOptions are the flags of allow propose.
type proposeOptions struct {
	objectionFlags
	branch, base, push, closed string
	body                       bool
}

const proposalBranch = "guestlist/allowlist"

func newAllowPropose(env *Env) *cobra.Command {
	var o proposeOptions
	cmd := &cobra.Command{
		Use:   "propose",
		Short: "Keep one git branch that proposes entries for what no entry names",
		Long: `propose commits the entries that would approve what the newest kept scans found, and that the
allowlist says nothing about, to a branch of the repository that the allowlist is in. The work tree
stays as it is. The same findings are the same branch, without another commit; what reviewers
commit to it is kept, and added to. --body prints what a pull request says: each app, what it can
do, and who holds it.

A proposal that is closed was refused: --closed REASON turns what the branch proposes into refusals
with that reason, with --until DAY into deferred decisions. Until these are merged the branch keeps
them, so that nothing that was closed is proposed again.

Nothing is pushed, unless --push names a remote.`,
		Example: `  guestlist allow propose --from scan.jsonl.gz --push origin
  guestlist allow propose --body > body.md
  guestlist allow propose --closed "Nobody needs it" --source https://acme.example/pull/12 --push origin`,
		Args:              exactly(0, "no arguments"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return env.allowPropose(cmd.Context(), &o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "propose for what the snapshot `FILE` holds instead of the newest that are kept")
	flags.StringVar(&o.owner, "owner", "", "name `OWNER` as the owner of every entry, such as it@acme.example")
	flags.StringVar(&o.branch, "branch", proposalBranch, "commit to this `BRANCH`")
	flags.StringVar(&o.base, "base", "HEAD", "propose changes to the allowlist of this `REF`")
	flags.StringVar(&o.push, "push", "", "push the branch to this `REMOTE`, such as origin")
	flags.BoolVar(&o.body, "body", false, "print what a pull request says, as Markdown, in place of the changes")
	flags.StringVar(&o.closed, "closed", "", "the proposal was closed for this `REASON`: refuse what it proposed")
	flags.StringVar(&o.source, "source", "", "with --closed: where that was decided: `URL`")
	flags.StringVar(&o.until, "until", "", "with --closed: defer the decisions until this `DAY` in place of refusing")
	o.add(cmd)
	return cmd
}

// proposal is one run of propose.
type proposal struct {
	env    *Env
	flags  *proposeOptions
	branch *living.Branch
	path   string
	base   []byte // the list of the base; a new one if there is none
	isNew  bool
	edit   *listEdit // of the proposed text
	apps   []report.Proposed
}

func (env *Env) allowPropose(ctx context.Context, o *proposeOptions) error {
	p := &proposal{env: env, flags: o, path: o.allowlist}
	if err := p.check(); err != nil {
		return err
	}
	if p.path == "" {
		p.path = env.findAllowlist()
	}
	if p.path == "" {
		p.path = allowlistName
	}
	var err error
	if p.branch, err = living.Open(ctx, p.path, o.branch, o.base, o.push); err != nil {
		return usageError(fmt.Errorf("the branch cannot be made: %s", inventory.Untrusted(err.Error())))
	}
	if err := p.start(); err != nil {
		return err
	}
	if o.closed != "" {
		err = p.refuse()
	} else {
		err = p.propose()
	}
	if err != nil {
		return err
	}
	return p.finish()
}

func (p *proposal) check() error {
	o := p.flags
	for _, each := range []struct{ flag, text string }{{"--closed", o.closed}, {"--source", o.source}} {
		if err := oneLine(each.flag, each.text); err != nil {
			return err
		}
	}
	if o.closed == "" && (o.until != "" || o.source != "") {
		return usageError(errors.New("--until and --source are for --closed"), `--closed "Nobody needs it"`)
	}
	return colorModes.check("--color: ", o.color)
}

// start reads the list that the proposal begins with: that of the base with the refusals of the
// branch, or that of the branch if others have committed to it.
func (p *proposal) start() error {
	base, found, err := p.branch.Content(p.branch.Base)
	if err != nil {
		return runError(fmt.Errorf("reading the allowlist of %q: %s", inventory.Untrusted(p.flags.base), inventory.Untrusted(err.Error())))
	}
	if p.base, p.isNew = base, !found; p.isNew {
		p.base = []byte(newList)
	}
	content := p.base
	var earlier *listEdit
	if p.branch.Tip != "" {
		tip, found, err := p.branch.Content(p.branch.Tip)
		if err == nil && found {
			if earlier, err = p.open(tip); err != nil {
				return err
			}
			if !p.branch.Ours {
				content = tip
			}
		}
	}
	if p.edit, err = p.open(content); err != nil {
		return err
	}
	if earlier != nil && p.branch.Ours {
		return p.keepRefusals(earlier.list)
	}
	return nil
}

// open reads a list as it is in a commit. Its includes and feeds are those of the work tree.
func (p *proposal) open(content []byte) (*listEdit, error) {
	e := &listEdit{env: p.env, flags: &p.flags.editFlags, path: p.path, before: content}
	return e, e.read(content)
}

// keepRefusals adds what was closed in an earlier proposal, and is not in the base.
func (p *proposal) keepRefusals(earlier *allowlist.List) error {
	var kept []edit.Entry
	for _, entry := range earlier.Entries() {
		if entry.Part != allowlist.PartDeny && entry.Part != allowlist.PartDefer || len(entry.IDs) == 0 ||
			len(p.edit.entriesOf(entry.Kind, entry.IDs[0])) > 0 {
			continue
		}
		kept = append(kept, allowlist.Objection{Name: entry.Name, Kind: entry.Kind, IDs: entry.IDs,
			Reason: entry.Reason.String(), Source: entry.Source.String(), Owner: entry.Owner.String(), Until: entry.Until,
			For: entry.For}.Entry())
	}
	return p.append(kept)
}

// append adds entries, and reads the list again, so that it decides.
func (p *proposal) append(entries []edit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := p.edit.doc.Append(entries...); err != nil {
		return refused(err)
	}
	return p.edit.read(p.edit.doc.Bytes())
}

// propose adds entries for what the list says nothing about.
func (p *proposal) propose() error {
	paths, err := p.env.snapshotsFor(p.flags.from)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usageError(errors.New("no scan is kept to propose from"), "guestlist scan", "--from SNAPSHOT")
	}
	seen := make(map[string]bool)
	var entries []edit.Entry
	for _, path := range paths {
		r, err := p.env.judged(path, p.edit.list, p.flags.owner)
		if err != nil {
			return err
		}
		for _, proposed := range r.Proposed([]diff.Rule{diff.Unapproved}) {
			if !seen[proposed.About.ID] {
				seen[proposed.About.ID] = true
				p.apps = append(p.apps, proposed)
				entries = append(entries, withoutComment(proposed.Entries)...)
			}
		}
	}
	return p.append(entries)
}

// withoutComment leaves out who holds an app: it would be another branch with each scan. The
// description has it.
func withoutComment(entries []edit.Entry) []edit.Entry {
	entries = slices.Clone(entries)
	for n := range entries {
		entries[n].Comment = nil
	}
	return entries
}

// refuse turns what the branch proposes into refusals, or into decisions that wait.
func (p *proposal) refuse() error {
	if p.branch.Tip == "" {
		return usageError(fmt.Errorf("there is no branch %q with a proposal", inventory.Untrusted(p.flags.branch)),
			"guestlist allow propose")
	}
	objection := allowlist.Objection{Reason: p.flags.closed, Source: p.flags.source}
	if p.flags.until != "" {
		var err error
		if objection.Until, err = parseDay("--until", p.flags.until, p.env.today()); err != nil {
			return err
		}
	}
	content, _, err := p.branch.Content(p.branch.Tip)
	if err != nil {
		return runError(fmt.Errorf("reading the branch: %s", inventory.Untrusted(err.Error())))
	}
	earlier, err := p.open(content)
	if err != nil {
		return err
	}
	base, err := p.open(p.base)
	if err != nil {
		return err
	}
	if !p.branch.Ours { // what others wrote there was refused with the rest
		p.edit, p.branch.Ours = base, true
		if err := p.keepRefusals(earlier.list); err != nil {
			return err
		}
	}
	var refusals []edit.Entry
	for _, entry := range earlier.list.Entries() {
		if entry.Part != allowlist.PartAllow || entry.Preset != "" || len(entry.IDs) == 0 ||
			len(base.entriesOf(entry.Kind, entry.IDs[0])) > 0 {
			continue
		}
		objection.Name, objection.Kind, objection.IDs = entry.Name, entry.Kind, entry.IDs
		refusals = append(refusals, objection.Entry())
	}
	return p.append(refusals)
}

// finish shows the proposal, and commits and pushes it.
func (p *proposal) finish() error {
	after := p.edit.doc.Bytes()
	if err := p.edit.check(after); err != nil {
		return err
	}
	hasNothing := bytes.Equal(after, p.base)
	if err := p.show(after, hasNothing); err != nil || p.flags.dryRun {
		return err
	}
	if hasNothing && p.branch.Tip == "" {
		p.edit.note("every app is in the allowlist: nothing to propose")
		return nil
	}
	isNew, err := p.branch.Commit(after, p.message(), p.env.Now())
	if err != nil {
		return runError(fmt.Errorf("committing the proposal: %s", inventory.Untrusted(err.Error())))
	}
	if isNew {
		p.edit.note("%q is at %.12s", inventory.Untrusted(p.flags.branch), p.branch.Tip)
	} else {
		p.edit.note("%q holds the same proposal already: no new commit", inventory.Untrusted(p.flags.branch))
	}
	if p.flags.push == "" {
		return nil
	}
	if err := p.branch.Push(p.flags.push); err != nil {
		return runError(fmt.Errorf("pushing the proposal: %s", inventory.Untrusted(err.Error())))
	}
	return nil
}

func (p *proposal) show(after []byte, hasNothing bool) error {
	if p.flags.body {
		if _, err := fmt.Fprint(p.env.Stdout, p.description(report.MarkdownCode, report.MarkdownText)); err != nil {
			return runError(fmt.Errorf("writing to stdout: %w", err))
		}
		return nil
	}
	if hasNothing {
		return nil
	}
	p.edit.before, p.edit.isNew = p.base, p.isNew
	if p.isNew {
		p.edit.before = nil
	}
	return p.edit.show(after)
}

// message is what the commit says.
func (p *proposal) message() string {
	subject := "allowlist: "
	switch {
	case p.flags.closed != "":
		subject += "refuse what was proposed"
	case len(p.apps) == 0:
		subject += "refuse what was proposed before"
	default:
		subject += "decide about " + counted(len(p.apps), "app", "apps")
	}
	inert := func(text inventory.Untrusted) string { return inertInCommit(text.String()) }
	return subject + "\n\n" + p.description(inertInCommit, inert)
}

// actsInCommit are the signs by which GitHub finds what it links in a commit's message: issues,
// which "fixes #1" closes, people and teams, who are notified, and addresses.
var actsInCommit = regexp.MustCompile(`(?i)#|://|\bgh-|\B@`)

// inertInCommit is foreign text with these signs escaped.
func inertInCommit(text string) string {
	return actsInCommit.ReplaceAllStringFunc(text, func(found string) string {
		last := len(found) - 1
		return fmt.Sprintf(`%s\u{%04X}`, found[:last], found[last])
	})
}

// description says what each app is, can do and is held by, in Markdown or in plain text. Every
// foreign text is on one line of its own, behind a dash.
func (p *proposal) description(code func(string) string, text func(inventory.Untrusted) string) string {
	if p.flags.closed != "" {
		return fmt.Sprintf("Closed: %s\n", text(inventory.Untrusted(p.flags.closed)))
	}
	var b strings.Builder
	b.WriteString("Each entry is pinned to what the app may do now, and approves nothing until its owner, reason and\n" +
		"day are filled in. Turn the entry of an app that nobody answers for into a [[deny]], or close the\nproposal to refuse all of them.\n")
	for n := range p.apps {
		e := p.apps[n].About
		fmt.Fprintf(&b, "\n- %s %s, %s, %s\n", text(inventory.Untrusted(e.Urgency)), code(e.Title.String()),
			text(inventory.Untrusted(e.Kind)), code(e.App.ID.String()))
		for _, line := range p.apps[n].Lines() {
			fmt.Fprintf(&b, "  - %s\n", text(line))
		}
	}
	return b.String()
}

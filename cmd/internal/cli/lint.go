package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// lintOptions are the flags of allow lint.
type lintOptions struct {
	against []string
	output  string
}

func newAllowLint(env *Env) *cobra.Command {
	var options lintOptions
	cmd := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Check the allowlist, and report every error and warning with its line",
		Long: `lint reads the allowlist as strictly as scan does. Errors exit with 2. Entries that are
legal but unwise, such as an approval that pins nothing, and those that are not filled in
yet are warnings and exit with 3.

Which pins and entries are still used only scans can tell. lint looks at the last scan of each
scope that is kept, or at the snapshots that --against names. Of an approval whose app was found
anywhere that was not read completely, it says nothing; and it calls an entry unused only if a scan
saw everyone whom it can mean.`,
		Example: `  guestlist allow lint
  guestlist allow lint team/allowlist.toml --against scan.jsonl
  guestlist allow lint --output sarif=lint.sarif`,
		Args:              between(0, 1, "one file"),
		ValidArgsFunction: fileArguments(1, "toml"),
		RunE:              func(_ *cobra.Command, args []string) error { return env.allowLint(&options, args) },
	}
	cmd.Flags().StringArrayVar(&options.against, "against", nil,
		"judge what is used by the snapshot `FILE` instead of what is kept, or by \"none\" (repeatable)")
	cmd.Flags().StringVarP(&options.output, "output", "o", "text",
		"write it as `FORMAT[=PATH]`: "+strings.Join(lintWords().words, ", "))
	cmd.RegisterFlagCompletionFunc("output", lintWords().complete) // the flag is there
	return cmd
}

func lintWords() vocabulary {
	words := vocabulary{one: "a format of allow lint", all: "formats",
		others: map[string]string{"table": "text", "plain": "text", "code-scanning": "sarif"}}
	for _, format := range report.LintFormats {
		words.words, words.about = append(words.words, format.Name), append(words.about, format.About)
	}
	return words
}

func (env *Env) allowLint(o *lintOptions, args []string) error {
	name, path, err := splitOutput(o.output, lintWords())
	if err != nil {
		return err
	}
	file := strings.Join(args, "")
	list, err := env.mustLoadAllowlist(namedFile{path: file})
	if problems, refused := errors.AsType[*allowlist.Problems](err); refused && name != report.LintFormats[0].Name {
		// A program that reads the format has the errors as well, and stderr has them for people.
		return errors.Join(err, env.writeLint(report.NewLintErrors(version(), file, problems), name, path))
	}
	if err != nil {
		return err
	}
	used, scans, err := env.lintUse(o, list)
	if err != nil {
		return err
	}
	now := env.Now().UTC()
	warnings := allowlist.SortWarnings(append(list.Lint(now), used...))
	lint := report.NewLint(version(), report.NewAllowlistRef(list, now), len(list.Feeds()), scans, warnings)
	if err := env.writeLint(lint, name, path); err != nil {
		return err
	}
	if lint.ExitCode != report.ExitClean {
		return reported(lint.ExitCode)
	}
	return nil
}

func (env *Env) writeLint(lint *report.Lint, name, path string) error {
	for _, format := range report.LintFormats {
		if format.Name != name {
			continue
		}
		write := func(w io.Writer) error { return format.Write(w, lint) }
		var err error
		if path != "" {
			err = env.writeFile(path, write)
		} else {
			err = write(env.Stdout)
		}
		if err != nil {
			return runError(fmt.Errorf("writing to %s: %w", orStdout(path), withoutPath(err)))
		}
	}
	return nil
}

// lintUse returns what the scans say of pins and entries that nothing uses.
func (env *Env) lintUse(o *lintOptions, list *allowlist.List) ([]allowlist.Warning, []report.LintScan, error) {
	files, err := env.lintSnapshots(o)
	if err != nil || len(files) == 0 {
		return nil, nil, err
	}
	usage := list.NewUsage()
	var scans []report.LintScan
	var unused []allowlist.Warning
	for _, file := range files {
		scan, warnings, err := env.lintScan(file, list, usage)
		switch {
		case err != nil && (o.against != nil || env.stopped() != nil):
			return nil, nil, err
		case err != nil:
			env.warn("a kept snapshot cannot be read, and says nothing of what is used: %v", err)
			continue
		}
		scans, unused = append(scans, scan), append(unused, warnings...)
	}
	return append(usage.Lint(sinceWords(scans)), unused...), scans, nil
}

// lintSnapshots are the snapshots that are named, or the last of each scope that is kept.
func (env *Env) lintSnapshots(o *lintOptions) ([]namedFile, error) {
	var files []namedFile
	switch {
	case len(o.against) == 1 && o.against[0] == none:
	case o.against != nil:
		for _, path := range o.against {
			files = append(files, namedFile{"--against", path})
		}
	default:
		latest, _, err := env.kept()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, runError(fmt.Errorf("listing the kept snapshots: %w", err))
		}
		for _, path := range latest {
			files = append(files, namedFile{"a kept snapshot", path})
		}
	}
	return files, nil
}

// lintScan reads one snapshot: what uses which pins, and which entries nothing matches.
func (env *Env) lintScan(file namedFile, list *allowlist.List, usage *allowlist.Usage) (report.LintScan,
	[]allowlist.Warning, error) {
	reader, err := file.open()
	if err != nil {
		return report.LintScan{}, nil, err
	}
	defer reader.Close()
	header := reader.Header()
	scan := report.LintScan{Path: inventory.Untrusted(file.path), Started: header.Started.UTC().Format(time.RFC3339)}
	coverage := make(snapshot.Coverages)
	pairs := func(yield func(snapshot.Pair, error) bool) {
		for pair, err := range untilStopped(env, snapshot.Compare(nil, reader)) {
			if err == nil {
				err = see(pair, coverage, usage)
			}
			if !yield(pair, err) {
				return
			}
		}
	}
	judgement, err := diff.Judge(diff.Input{Pairs: pairs, Allowlist: list, Now: env.Now().UTC()})
	if err != nil {
		return scan, nil, file.fault(err)
	}
	for i := range judgement.Coverage {
		if judgement.Coverage[i].IsGap() {
			scan.Unread++
		}
	}
	var unused []allowlist.Warning
	for _, e := range judgement.Unused {
		unused = append(unused, list.Unused(e, sinceWords([]report.LintScan{scan})))
	}
	return scan, unused, nil
}

// see shows an item to the usage. Coverage comes before items.
func see(pair snapshot.Pair, coverage snapshot.Coverages, usage *allowlist.Usage) error {
	if pair.Kind() == snapshot.KindCoverage {
		read, err := pair.NewCoverage()
		if read != nil {
			copied := *read
			coverage[copied.Source] = &copied
		}
		return err
	}
	if pair.Kind() != snapshot.KindItem {
		return nil
	}
	item, err := pair.NewItem()
	if err != nil || item == nil {
		return err
	}
	c := coverage.Of(item.Source)
	usage.See(item, c != nil && c.Status == inventory.StatusComplete)
	return nil
}

// sinceWords names the scans for people.
func sinceWords(scans []report.LintScan) inventory.Untrusted {
	if len(scans) == 1 {
		day, _, _ := strings.Cut(scans[0].Started, "T")
		return inventory.Untrusted("in the scan of " + day)
	}
	return inventory.Textf("in the last scans of %d scopes", len(scans))
}

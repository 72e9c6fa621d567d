package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/allowlist/strict"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lockfile"
	"guestlist/scanner/report"
)

// editFlags are the flags of every command that edits the allowlist.
type editFlags struct {
	allowlist, color string
	dryRun           bool
}

func (o *editFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.allowlist, "allowlist", "", editUsage)
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	flags.StringVar(&o.color, "color", "auto", "colour the changes `WHEN`: "+strings.Join(colorModes.words, ", "))
}

const editUsage = "edit the allowlist `FILE` (default: ./allowlist.toml, then allowlist.toml in your configuration directory)"

// listEdit is an allowlist's file that is being edited: in its text, so that comments and order
// stay.
type listEdit struct {
	env    *Env
	flags  *editFlags
	path   string
	isNew  bool
	before []byte
	list   *allowlist.List // as it was
	doc    *edit.Document
	places map[*allowlist.Entry]edit.Place // of its own entries that are still in the document
	faults map[*allowlist.Entry]error      // of those that cannot be edited
}

// newList is the text of a list that is begun.
const newList = report.SchemaLine + "\nversion = 1\n"

// editList reads the allowlist to be edited. Where there is none yet, begin makes one.
func (env *Env) editList(o *editFlags, begin bool) (*listEdit, error) {
	if err := colorModes.check("--color: ", o.color); err != nil {
		return nil, err
	}
	e := &listEdit{env: env, flags: o, path: o.allowlist}
	if e.path == "" {
		e.path = env.findAllowlist()
	}
	if e.path == "" {
		e.path = allowlistName
	}
	content, err := allowlist.Content(e.path)
	switch {
	case begin && errors.Is(err, fs.ErrNotExist):
		e.isNew, content = true, []byte(newList)
	case errors.Is(err, fs.ErrNotExist) && o.allowlist == "":
		_, err := env.mustLoadAllowlist(namedFile{})
		return nil, err
	case err != nil:
		return nil, namedFile{"--allowlist", e.path}.fault(err)
	default:
		e.before = content
	}
	return e, e.read(content)
}

// read reads the text that is edited from here on.
func (e *listEdit) read(content []byte) (err error) {
	if e.list, err = allowlist.ReadWith(e.path, content, e.env.fetchList); err != nil {
		return usageError(err, fmt.Sprintf("guestlist allow lint %q", inventory.Untrusted(e.path)))
	}
	if e.doc, err = allowlist.Open(e.path, content); err != nil {
		return usageError(err)
	}
	e.findPlaces()
	return nil
}

// findPlaces finds the list's own entries in the text, before any edit moves them.
func (e *listEdit) findPlaces() {
	e.places, e.faults = make(map[*allowlist.Entry]edit.Place), make(map[*allowlist.Entry]error)
	for _, entry := range e.list.Entries() {
		if !e.isOwn(entry) {
			continue
		}
		at, err := e.doc.Find(string(entry.Part), entry.Position.Line)
		if err != nil {
			e.faults[entry] = err
		} else {
			e.places[entry] = at
		}
	}
}

// isOwn reports whether an entry is in the file itself, and in no list that it includes.
func (e *listEdit) isOwn(entry *allowlist.Entry) bool {
	return entry.Position.File == inventory.Untrusted(e.path)
}

// place returns where an entry is in the text. One of an included list is edited there.
func (e *listEdit) place(entry *allowlist.Entry) (edit.Place, error) {
	if !e.isOwn(entry) {
		hint := editElsewhere
		if isFile(entry) {
			hint = "--allowlist " + shellWord(entry.Position.File)
		}
		return edit.Place{}, usageError(fmt.Errorf("%v: %q is in a list that %q includes", entry.Position, entry.Title(),
			inventory.Untrusted(e.path)), hint)
	}
	if e.isGone(entry) {
		return edit.Place{}, usageError(fmt.Errorf("%v: %q was removed already", entry.Position, entry.Title()))
	}
	return e.places[entry], refused(e.faults[entry])
}

// isGone reports whether this edit has removed an entry.
func (e *listEdit) isGone(entry *allowlist.Entry) bool {
	_, isThere := e.places[entry]
	return e.isOwn(entry) && !isThere && e.faults[entry] == nil
}

// refused is an edit that the text does not allow: an error of usage, since nothing was changed.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return usageError(err)
}

// remove removes entries, and keeps the places of the others right.
func (e *listEdit) remove(entries []*allowlist.Entry) error {
	for _, entry := range entries {
		at, err := e.place(entry)
		if err == nil {
			err = refused(e.doc.Remove(at))
		}
		if err != nil {
			return err
		}
		e.moveUp(entry, at)
		e.noteOthers(entry)
	}
	return nil
}

// moveUp counts the entries behind a removed one anew: a place is the number of an entry among
// those of its part.
func (e *listEdit) moveUp(removed *allowlist.Entry, from edit.Place) {
	delete(e.places, removed)
	for entry, at := range e.places {
		if at.Part == from.Part && at.N > from.N {
			at.N--
			e.places[entry] = at
		}
	}
}

// noteOthers says that an edit of an entry with several IDs is one for each of them.
func (e *listEdit) noteOthers(entry *allowlist.Entry) {
	if len(entry.IDs) > 1 {
		e.note("%v: %q has %d IDs, and this changes the entry for all of them", entry.Position, entry.Title(), len(entry.IDs))
	}
}

// command is the command line that edits an entry, in whichever list it is. One that cannot be
// edited by a command is in a list that its owner edits.
func (e *listEdit) command(verb string, entry *allowlist.Entry) string {
	line := "guestlist allow " + verb + " " + entryWord(entry)
	switch {
	case !e.isOwn(entry) && !isFile(entry):
		return editElsewhere
	case !e.isOwn(entry) || e.flags.allowlist != "":
		line += " --allowlist " + shellWord(entry.Position.File)
	}
	return line
}

// isFile reports whether an entry is in a file here: in no preset, and in no list from an address.
func isFile(entry *allowlist.Entry) bool {
	return entry.Preset == "" && !strings.Contains(entry.Position.File.String(), "://")
}

// editElsewhere is what to do about an entry that is in no file here.
const editElsewhere = "edit the list that it is in"

// finish checks what the text says now, shows how it differs, and writes it.
func (e *listEdit) finish() error {
	after := e.doc.Bytes()
	if !e.isNew && bytes.Equal(e.before, after) {
		fmt.Fprintf(e.env.Stderr, "guestlist: %q is as it should be: nothing to change\n", inventory.Untrusted(e.path))
		return nil
	}
	if err := e.check(after); err != nil {
		return err
	}
	if err := e.show(after); err != nil {
		return err
	}
	if e.flags.dryRun {
		return nil
	}
	return e.write(after)
}

// check holds that the file can still be used once it is written, and says which IDs in it are new
// and match nothing.
func (e *listEdit) check(after []byte) error {
	list, err := allowlist.ReadWith(e.path, after, e.env.fetchList)
	if err == nil {
		e.noteImpossible(list)
	}
	if problems, ok := errors.AsType[*strict.Problems](err); ok {
		return usageError(fmt.Errorf("nothing was changed, because the list would not be valid: %w", problems))
	}
	return refused(err)
}

// noteImpossible names the IDs that the edited list has, the one before it had not, and no app can
// have.
func (e *listEdit) noteImpossible(after *allowlist.List) {
	known := make(map[string]bool)
	for _, warning := range e.list.Lint(e.env.Now()) {
		known[warning.Message] = true
	}
	for _, warning := range after.Lint(e.env.Now()) {
		if warning.Rule == allowlist.RuleID && !known[warning.Message] {
			e.note("%s, so that the entry matches nothing", warning.Message)
		}
	}
}

// show writes the difference to stdout, in the form that patch takes.
func (e *listEdit) show(after []byte) error {
	name := strings.TrimPrefix(filepath.ToSlash(e.path), "/")
	old := "a/" + name
	if e.isNew {
		old = "/dev/null"
	}
	text := diff.Diff(old, e.before, "b/"+name, after)
	_, heading, _ := bytes.Cut(text, []byte("\n")) // "diff old new" is no part of the format
	if _, err := e.env.Stdout.Write([]byte(coloredDiff(string(heading), e.env.colored(e.flags.color)))); err != nil {
		return runError(fmt.Errorf("writing to stdout: %w", err))
	}
	return nil
}

// The colours of a difference.
const (
	colorAdded   = "\x1b[32m"
	colorRemoved = "\x1b[31m"
	colorPlace   = "\x1b[36m"
	colorEnd     = "\x1b[0m"
)

// coloredDiff makes a difference harmless on a terminal, and colours it.
func coloredDiff(text string, colored bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")
		color := ""
		switch {
		case !colored:
		case strings.HasPrefix(line, "+"):
			color = colorAdded
		case strings.HasPrefix(line, "-"):
			color = colorRemoved
		case strings.HasPrefix(line, "@@"):
			color = colorPlace
		}
		b.WriteString(color + inventory.Untrusted(line).String())
		if color != "" {
			b.WriteString(colorEnd)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// write replaces the file, unless someone else has changed it since it was read.
func (e *listEdit) write(after []byte) error {
	file, err := atomicfile.Create(e.path, atomicfile.Options{})
	if err != nil {
		return runError(fmt.Errorf("%q cannot be written: %w", inventory.Untrusted(e.path), withoutPath(err)))
	}
	defer file.Close()
	if _, err := file.Write(after); err != nil {
		return runError(fmt.Errorf("writing %q: %w", inventory.Untrusted(e.path), withoutPath(err)))
	}
	release, err := e.lock()
	if err != nil {
		return err
	}
	defer release()
	now, err := allowlist.Content(e.path)
	if isMissing := errors.Is(err, fs.ErrNotExist); isMissing != e.isNew || err != nil && !isMissing || !bytes.Equal(now, e.before) {
		return runError(fmt.Errorf("%q was changed meanwhile by something else, and was left as it is", inventory.Untrusted(e.path)),
			"run the command again")
	}
	if err := file.Commit(); err != nil {
		return runError(fmt.Errorf("writing %q: %w", inventory.Untrusted(e.path), withoutPath(err)))
	}
	e.before, e.isNew = after, false
	return nil
}

// editWait is how long an edit waits for another one that is being written.
const editWait = 10 * time.Second

// lock keeps other edits of the same file waiting until release is called, so that each sees what
// the one before it wrote. The lock is in the state directory, because the list's own directory is
// under review. Where that cannot be written, edits do not wait for each other.
func (e *listEdit) lock() (release func(), err error) {
	dir := filepath.Join(e.env.stateDir(), "edits")
	if e.env.stateDir() == "" || os.MkdirAll(dir, 0o700) != nil {
		return func() {}, nil
	}
	patient, cancel := context.WithTimeout(e.env.context(), editWait)
	defer cancel()
	release, err = lockfile.Lock(patient, filepath.Join(dir, lockName(e.path)), e.env.holder())
	if busy := (*lockfile.LockedError)(nil); errors.As(err, &busy) {
		return nil, runError(fmt.Errorf("%q is being written by another guestlist, and was left as it is",
			inventory.Untrusted(e.path)), "run the command again")
	}
	if err != nil {
		return func() {}, nil // a state directory that takes no files
	}
	return release, nil
}

// lockName is one name for a file, by whichever path it is reached.
func lockName(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return fmt.Sprintf("%x.lock", sha256.Sum256([]byte(path)))
}

// note says on stderr what an edit means.
func (e *listEdit) note(format string, args ...any) {
	fmt.Fprintf(e.env.Stderr, "guestlist: "+format+"\n", args...)
}

// entriesOf returns the entries of the list that name an app, by its ID and kind, in the order of
// the list. Those that this edit has removed are none any more.
func (e *listEdit) entriesOf(kind inventory.Kind, id inventory.Untrusted) []*allowlist.Entry {
	var found []*allowlist.Entry
	for _, entry := range e.list.Entries() {
		if entry.NamesApp(kind, id) && !e.isGone(entry) {
			found = append(found, entry)
		}
	}
	return found
}

// lineEnd is one for a text that a person typed in one line.
func oneLine(flag, text string) error {
	if strings.ContainsAny(text, "\r\n") {
		return usageError(fmt.Errorf("%s must be one line, is %q", flag, inventory.Untrusted(text)))
	}
	return nil
}

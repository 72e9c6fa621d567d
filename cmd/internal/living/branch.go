// Package living keeps one branch of a git repository that holds what is proposed: it is made anew
// from its base as long as nobody else commits to it, and goes on from what they committed
// otherwise.
//
// It works with the objects of the repository alone. The work tree, the index and what is checked
// out stay as they are, no hook of a commit runs, and nothing leaves the machine but by
// [Branch.Push].
//
// git is run with fixed arguments and no shell; refs and paths come behind --end-of-options or in
// full form, and variables that would point git at another repository are taken away.
package living

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// trailer marks commits of ours, with the digest of the file that they hold: a commit whose file is
// another one was edited by a person.
const trailer = "Guestlist-Proposal: "

// Branch is a branch of the repository that a file belongs to.
type Branch struct {
	// Base is the commit that the proposal is made for, and Tip the last commit of the branch; empty
	// if there is none, or if its content is in the base already.
	Base, Tip string
	// Ours: nobody but this package has committed to the branch.
	Ours bool

	ctx    context.Context
	root   string // of the work tree
	file   string // below it, with forward slashes
	name   string
	before string // of the ref, as it is now; empty if there is none
}

// Error is a failure of git, in its own words.
type Error struct {
	Command string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("git %s: %s", e.Command, e.Message) }

// Open finds the branch of a name in the repository of a file. base is the ref that the proposal is
// made for. remote is where an earlier branch is looked for if there is none here; it may be empty.
func Open(ctx context.Context, file, name, base, remote string) (*Branch, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	b := &Branch{ctx: ctx, root: filepath.Dir(absolute), name: name}
	top, err := b.git(nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(b.root)
	if err != nil {
		return nil, err
	}
	b.root = filepath.FromSlash(top)
	below, err := filepath.Rel(b.root, filepath.Join(real, filepath.Base(absolute)))
	if err != nil || !filepath.IsLocal(below) {
		return nil, fmt.Errorf("%q is not below its work tree", file)
	}
	b.file = filepath.ToSlash(below)
	if _, err := b.git(nil, "check-ref-format", "--branch", name); err != nil || strings.HasPrefix(name, "-") {
		return nil, fmt.Errorf("%q is not the name of a branch", name)
	}
	if head, err := b.git(nil, "symbolic-ref", "--quiet", "HEAD"); err == nil && head == b.ref() {
		return nil, fmt.Errorf("the branch %q is checked out, and would change below it", name)
	}
	if b.Base, err = b.commit(base); err != nil {
		return nil, fmt.Errorf("there is no commit %q to begin it at", base)
	}
	return b, b.findTip(remote)
}

func (b *Branch) ref() string { return "refs/heads/" + b.name }

// commit resolves a ref.
func (b *Branch) commit(ref string) (string, error) {
	return b.git(nil, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
}

func (b *Branch) findTip(remote string) error {
	b.before, _ = b.commit(b.ref()) // there may be none
	b.Tip = b.before
	if b.Tip == "" && remote != "" {
		b.Tip, _ = b.commit("refs/remotes/" + remote + "/" + b.name)
	}
	if b.Tip == "" {
		return nil
	}
	if _, err := b.git(nil, "merge-base", "--is-ancestor", b.Tip, b.Base); err == nil {
		b.Tip = "" // it was merged
		return nil
	}
	message, err := b.git(nil, "log", "-1", "--format=%B", b.Tip)
	if err != nil {
		return err
	}
	content, _, err := b.Content(b.Tip)
	if err != nil {
		return err
	}
	b.Ours = strings.Contains("\n"+message+"\n", "\n"+trailer+digest(content)+"\n")
	return nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Content is what the file holds in a commit; false if it is not there.
func (b *Branch) Content(commit string) ([]byte, bool, error) {
	listed, err := b.git(nil, "ls-tree", "--full-tree", "-z", commit, "--", b.file)
	if err != nil || listed == "" {
		return nil, false, err
	}
	content, err := b.run(nil, nil, "cat-file", "blob", commit+":"+b.file)
	return content, err == nil, err
}

// Commit puts the content into the branch: on top of the base, or of what others committed. It
// reports false, and does nothing, if the branch holds it already.
func (b *Branch) Commit(content []byte, message string, at time.Time) (bool, error) {
	parent := b.Base
	if b.Tip != "" {
		held, _, err := b.Content(b.Tip)
		if err != nil {
			return false, err
		}
		if bytes.Equal(held, content) {
			return false, b.point(b.Tip)
		}
		if !b.Ours {
			parent = b.Tip
		}
	}
	tree, err := b.tree(parent, content)
	if err != nil {
		return false, err
	}
	when := fmt.Sprintf("%d +0000", at.Unix())
	identity := append(b.identity(), "GIT_AUTHOR_DATE="+when, "GIT_COMMITTER_DATE="+when)
	text := strings.TrimSpace(message) + "\n\n" + trailer + digest(content) + "\n"
	made, err := b.run([]byte(text), identity, "commit-tree", "-F", "-", "-p", parent, tree)
	if err != nil {
		return false, err
	}
	return true, b.point(strings.TrimSpace(string(made)))
}

// identity is who commits, where git does not know the person or the job that runs this.
func (b *Branch) identity() []string {
	if _, err := b.git(nil, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"); err == nil {
		return nil
	}
	return []string{"GIT_AUTHOR_NAME=guestlist", "GIT_AUTHOR_EMAIL=guestlist@localhost",
		"GIT_COMMITTER_NAME=guestlist", "GIT_COMMITTER_EMAIL=guestlist@localhost"}
}

// point lets the branch be at a commit, unless someone else has moved it meanwhile.
func (b *Branch) point(commit string) error {
	if b.before != commit {
		old := b.before
		if old == "" {
			old = strings.Repeat("0", len(commit))
		}
		if _, err := b.git(nil, "update-ref", "-m", "guestlist allow propose", b.ref(), commit, old); err != nil {
			return err
		}
	}
	b.before, b.Tip = commit, commit
	return nil
}

// tree is the tree of a commit with the file's content replaced, made with an index of its own.
func (b *Branch) tree(parent string, content []byte) (string, error) {
	blob, err := b.git(content, "hash-object", "-w", "--stdin")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "guestlist-index-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	for _, args := range [][]string{
		{"read-tree", parent},
		{"update-index", "--add", "--cacheinfo", "100644," + blob + "," + b.file},
	} {
		if _, err := b.run(nil, index, args...); err != nil {
			return "", err
		}
	}
	tree, err := b.run(nil, index, "write-tree")
	return strings.TrimSpace(string(tree)), err
}

// Push sends the branch to a remote, in place of the commit that was last seen there.
func (b *Branch) Push(remote string) error {
	if strings.HasPrefix(remote, "-") || remote == "" {
		return fmt.Errorf("%q is not the name of a remote", remote)
	}
	seen, _ := b.commit("refs/remotes/" + remote + "/" + b.name) // none: the branch must not be there
	_, err := b.git(nil, "push", "--quiet", "--force-with-lease="+b.ref()+":"+seen, remote, b.ref()+":"+b.ref())
	return err
}

func (b *Branch) git(input []byte, args ...string) (string, error) {
	out, err := b.run(input, nil, args...)
	return strings.TrimSpace(string(out)), err
}

// elsewhere are variables that would have git work in another place than the file's.
var elsewhere = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
	"GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "LC_ALL"}

func (b *Branch) run(input []byte, more []string, args ...string) ([]byte, error) {
	command := exec.CommandContext(b.ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-C", b.root}, args...)...)
	command.Env = slices.DeleteFunc(command.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(elsewhere, name)
	})
	command.Env = append(append(command.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0"), more...)
	command.Stdin = bytes.NewReader(input)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err == nil {
		return out, nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("git is not installed")
	}
	message := strings.Join(strings.FieldsFunc(said.String(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	if message == "" {
		message = err.Error()
	}
	return nil, &Error{args[0], message}
}

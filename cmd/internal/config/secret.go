package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// Limits of secrets.
const (
	maxSecretBytes = 1 << 20
	helperTime     = 60 * time.Second // a password manager may ask its owner
	helperGrace    = 2 * time.Second
)

// Secret says where to find a secret. Exactly one field is set; the zero value is none.
type Secret struct {
	File    string   // { file = "key.json" }: a file that only its owner can read, or a group if it is root's
	Env     string   // { env = "NAME" }: an environment variable
	Command []string // { command = ["pass", "show", "name"] }: the output of a command, run without a shell
}

// IsZero reports whether no secret is referred to.
func (s Secret) IsZero() bool { return s.File == "" && s.Env == "" && len(s.Command) == 0 }

// String says where the secret is, which is not secret.
func (s Secret) String() string {
	switch {
	case s.File != "":
		return fmt.Sprintf("the file %q", s.File)
	case s.Env != "":
		return "the variable " + s.Env
	case len(s.Command) > 0:
		return fmt.Sprintf("the command %q", s.Command[0])
	}
	return "nothing"
}

// secret reads key = { file = … }.
func (p *parser) secret(t *strict.Table, key string) Secret {
	if _, isText := t.Values[key].(string); isText {
		p.Report(t.Line(key), fmt.Sprintf(`write %s = { file = "…" }, { env = "…" } or { command = ["…"] }; `+
			"if this was the secret itself, treat it as leaked and replace it", key),
			"%s is a string, and secrets do not belong in this file", key)
		return Secret{}
	}
	inner, found := t.Table(key)
	if !found {
		return Secret{}
	}
	inner.CheckKeys(partSecret)
	secret := Secret{Env: string(inner.Text("env")), Command: texts(inner, "command")}
	if file := inner.Text("file"); file != "" {
		secret.File = p.path(file)
	}
	places := given(inner, p.Words.Keys[partSecret]...)
	switch {
	case places != 1:
		p.Report(t.Line(key), "such as { file = \"key.json\" }", "%s must name exactly one of file, env and command", key)
	case strings.ContainsAny(secret.Env, "=\x00 "):
		p.Report(inner.Line("env"), "", "%q is not the name of a variable", inventory.Untrusted(secret.Env))
	case inner.Has("command") && len(secret.Command) == 0 && inner.IsList("command"):
		p.Report(inner.Line("command"), `such as ["pass", "show", "name"]`, "command is an empty list")
	}
	return secret
}

// Outside is what reading a secret uses of the outside world.
type Outside struct {
	Getenv func(string) string
	Home   string
}

// read returns the secret without surrounding space. Errors say where it was looked for, and never
// contain any of it.
func (s Secret) read(ctx context.Context, outside Outside) ([]byte, error) {
	var text []byte
	var err error
	switch {
	case s.File != "":
		text, err = readPrivate(s.File, outside)
	case s.Env != "":
		text = []byte(outside.Getenv(s.Env))
		if len(text) == 0 {
			err = fmt.Errorf("the variable %s is not set", s.Env)
		}
	default:
		text, err = runHelper(ctx, s.Command)
	}
	if err != nil {
		return nil, err
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return nil, fmt.Errorf("%v is empty", s)
	}
	return text, nil
}

// serviceCredentials begins the path of a secret that systemd passes to a service (LoadCredential=):
// the directory is another one for each service.
const serviceCredentials = "$CREDENTIALS_DIRECTORY"

func readPrivate(path string, outside Outside) ([]byte, error) {
	path = inHome(path, outside.Home)
	if name, found := strings.CutPrefix(path, serviceCredentials+string(filepath.Separator)); found {
		dir := outside.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return nil, fmt.Errorf("the variable CREDENTIALS_DIRECTORY is not set: systemd sets it for a service with LoadCredential=%s:FILE", name)
		}
		path = filepath.Join(dir, name)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %q", path)
	case err != nil:
		return nil, fmt.Errorf("opening %q: %w", path, reasonOf(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q is not a regular file", path)
	case isOpen(info):
		return nil, fmt.Errorf("%q is readable by others (mode %04o): run chmod 600 on it and consider replacing the secret", path, info.Mode().Perm())
	case info.Size() > maxSecretBytes:
		return nil, fmt.Errorf("%q is larger than %d bytes", path, maxSecretBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", path, reasonOf(err))
	}
	return text, nil
}

func reasonOf(err error) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// runHelper runs a command for its output. Its stderr is not passed on: it may contain the secret.
func runHelper(ctx context.Context, command []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.WaitDelay = helperGrace
	output := &limited{}
	run.Stdout = output
	err := run.Run()
	var ended *exec.ExitError
	switch {
	case output.full:
		return nil, fmt.Errorf("the command %q wrote more than %d bytes", command[0], maxSecretBytes)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("the command %q did not finish within %v", command[0], helperTime)
	case errors.As(err, &ended):
		return nil, fmt.Errorf("the command %q failed with %v: run it by hand to see why", command[0], ended.ProcessState)
	case err != nil:
		return nil, fmt.Errorf("running the command %q: %w", command[0], errors.Unwrap(err))
	}
	return output.text.Bytes(), nil
}

// limited keeps the first maxSecretBytes. The buffer is not embedded: its ReadFrom would take
// everything.
type limited struct {
	text bytes.Buffer
	full bool
}

func (l *limited) Write(text []byte) (int, error) {
	if l.text.Len()+len(text) > maxSecretBytes {
		l.full = true
		return 0, errors.New("too much output")
	}
	return l.text.Write(text)
}

// Package cli is guestlist's command line: commands, flags, streams and exit codes. It is the only
// code that knows the process: its arguments, environment, standard streams and exit.
//
// Everything that a command touches comes in one [Env], so that tests run the real commands the
// same way.
package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Env is the outside world of one invocation.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Sleep          func(context.Context, time.Duration) error // nil is a real one
	OS             string
	Host           string
	Home           string // the user's home directory; empty when there is none
	User, UserID   string // the account's name, and its number or security identifier
	Root           bool   // runs with the rights of every user
	SystemRoot     string // where absolute paths start
	Program        string // the path of guestlist itself; empty if the system does not say
	Transport      http.RoundTripper
	// StdoutTerminal and StderrTerminal say whether a person is looking; Width and Height are the
	// terminal's, in columns and lines.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	// RawInput makes stdin pass on each key by itself, until restore is called; nil where it cannot.
	RawInput      func() (restore func(), err error)
	Width, Height int
	// OpenBrowser shows a page to the person; nil if there is no one to show it to.
	OpenBrowser func(url string) error
	// Observe is called for every profile file that is opened; may be nil.
	Observe func(path string)
	// Step is called between steps that a crash could separate, with what was done; may be nil.
	Step func(done string)

	// records takes what goes to stderr if that is JSON; nil for text.
	records *records
	// exit ends the process at once, with exit code 1 and a reason; nil in tests.
	exit func(why string)
	// stopped returns why the command was asked to end; nil if it was not.
	stopped func() error
	// context is the one that the command runs in.
	context func() context.Context
}

func processEnv() *Env {
	env := &Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now,
		OS: runtime.GOOS, Root: os.Geteuid() == 0, SystemRoot: string(filepath.Separator),
		StdinTerminal: isTerminal(os.Stdin), RawInput: rawInput, StdoutTerminal: isTerminal(os.Stdout), StderrTerminal: isTerminal(os.Stderr), Width: 80, Height: 24,
		OpenBrowser: openBrowser,
	}
	env.Host, _ = os.Hostname()
	env.Home, _ = os.UserHomeDir()
	env.Program = ownProgram()
	if me, err := user.Current(); err == nil {
		env.User = filepath.Base(filepath.ToSlash(me.Username)) // Windows says MACHINE\name
		env.UserID = me.Uid
	}
	if width, height, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 && height > 0 {
		env.Width, env.Height = width, height
	}
	return env
}

// ownProgram is the path of this program as a person would write it. The system resolves links, and
// behind the link of a package manager is a directory that the next version does not have.
func ownProgram() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	found, err := exec.LookPath(filepath.Base(program))
	if err != nil || !filepath.IsAbs(found) {
		return program
	}
	here, err := os.Stat(program)
	there, foundErr := os.Stat(found)
	if err == nil && foundErr == nil && os.SameFile(here, there) {
		return found
	}
	return program
}

func (env *Env) step(done string) {
	if env.Step != nil {
		env.Step(done)
	}
}

// openBrowser asks the desktop to show a page. It does not wait for the browser to end.
func openBrowser(url string) error {
	command := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", url}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	opener := exec.Command(command[0], command[1:]...)
	if err := opener.Start(); err != nil {
		return err
	}
	go opener.Wait() // so that it leaves no zombie
	return nil
}

// rawInput lets a terminal pass on each key, and gives back how it was before.
func rawInput() (restore func(), err error) {
	state, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		return nil, err
	}
	return func() { term.Restore(int(os.Stdin.Fd()), state) }, nil
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// providerEnv is the part of it that providers may use.
func (env *Env) providerEnv(homes []scanner.Home, profileDirs []string, builtin, debug bool) scanner.Env {
	return scanner.Env{
		OS: env.OS, Host: inventory.Clean(env.Host, inventory.MaxNameBytes), Now: env.Now, Sleep: env.Sleep,
		Getenv: env.Getenv, Transport: env.Transport,
		Log: env.log(debug), Homes: homes, ProfileDirs: profileDirs, SystemRoot: env.SystemRoot, Builtin: builtin,
		Locale: locale(env.Getenv), Observe: env.Observe,
	}
}

// locale is the user's language, such as "de_AT"; "" for the C locale.
func locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		for n, r := range value {
			if r == '.' || r == '@' {
				value = value[:n]
				break
			}
		}
		if value == "C" || value == "POSIX" {
			return ""
		}
		return value
	}
	return ""
}

// directory says where a kind of guestlist's own files is, in the order in which it is looked for.
type directory struct {
	own     string // the variable that names it; empty for none
	service string // the variable that systemd sets for a service
	windows string // the variable that Windows sets
	xdg     string // the variable of the XDG base directories, whose default is below the home
	home    string
}

var (
	stateFiles = directory{own: "GUESTLIST_STATE_DIR", service: "STATE_DIRECTORY", windows: "LOCALAPPDATA",
		xdg: "XDG_STATE_HOME", home: ".local/state"}
	configFiles = directory{service: "CONFIGURATION_DIRECTORY", windows: "APPDATA", xdg: "XDG_CONFIG_HOME",
		home: ".config"}
)

// stateDir is where guestlist keeps what it must remember. Empty: there is no such place.
func (env *Env) stateDir() string { return env.dir(stateFiles) }

// configDir is where the user's own allowlist and configuration are looked for. Empty: there is no
// such place.
func (env *Env) configDir() string { return env.dir(configFiles) }

func (env *Env) dir(d directory) string {
	switch {
	case d.own != "" && env.Getenv(d.own) != "":
		return env.Getenv(d.own)
	case env.serviceDir(d.service) != "":
		return env.serviceDir(d.service)
	case env.OS == "windows" && env.Getenv(d.windows) != "":
		return filepath.Join(env.Getenv(d.windows), "guestlist")
	case env.OS == "darwin" && env.Home != "":
		return filepath.Join(env.Home, "Library", "Application Support", "guestlist")
	case filepath.IsAbs(env.Getenv(d.xdg)):
		return filepath.Join(env.Getenv(d.xdg), "guestlist")
	case env.Home != "":
		return filepath.Join(env.Home, filepath.FromSlash(d.home), "guestlist")
	}
	return ""
}

// serviceDir is the directory that systemd made for the service (StateDirectory=,
// ConfigurationDirectory=). If there are several, separated by colons, it is the first.
func (env *Env) serviceDir(variable string) string {
	first, _, _ := strings.Cut(env.Getenv(variable), ":")
	if env.OS != "linux" || !path.IsAbs(first) {
		return ""
	}
	return first
}

// colored reports whether the report on stdout may use colour.
func (env *Env) colored(mode string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return env.StdoutTerminal && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb"
}

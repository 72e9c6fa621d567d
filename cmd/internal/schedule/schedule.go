// Package schedule writes down, in the format of each system's scheduler, that guestlist runs again
// and again: a systemd service with its timer, a launchd property list, a task of the Windows Task
// Scheduler, a line of a crontab.
//
// It is pure: a [Job] goes in, and files, commands and texts come out. It starts nothing, reads no
// file and knows no clock, so that what is printed for review is what is installed.
//
// # What every format promises
//
// The program is started without a shell where the scheduler can do that, with the same arguments
// that were given, whatever is in them: spaces, quotes, dollar and percent signs. Control
// characters are refused, because a crontab cannot hold them. So is what a scheduler would replace
// and gives no way to write literally.
//
// Each file says in a comment that guestlist wrote it ([Marker]). A file that does not say so was
// written by a person and is never replaced or removed.
//
// # When
//
// A [When] is a time of day on some days of the week, or a minute of every hour, in the machine's
// own time zone. systemd and Task Scheduler spread the runs of many machines by themselves. launchd
// and cron cannot, so the time in their files is moved by a part of the spread that depends on the
// machine's name alone: it stays the same from one installation to the next.
package schedule

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"guestlist/scanner/inventory"
)

// DefaultName is the name of the job if it is not given another.
const DefaultName = "guestlist"

// Marker is in the first lines of every file that is written here.
const Marker = "Written by guestlist schedule"

// markerText follows the marker.
const markerText = Marker + ", which replaces and removes it."

// Job is what is to be run.
type Job struct {
	// Name is the name of the unit, task or entry: see [CheckName].
	Name string
	// Program is the absolute path of guestlist, and Args are its arguments.
	Program string
	Args    []string
	When    When
	// Spread is how much later than When a run may begin, so that not every machine begins at the
	// same time. Seed is the machine's own, for schedulers that cannot spread.
	Spread time.Duration
	Seed   string
	// System runs it for the machine and not for one person.
	System bool
	// Account is the service account of a system job on Linux. It is ignored if Homes is set, which
	// needs root. Empty: systemd makes one for the duration of each run.
	Account string
	// Homes says that other people's home directories are read.
	Homes bool
	// Writes lists directories that the job writes to, besides its state directory.
	Writes []string
	// Credentials are files that the service reads although its account could not.
	Credentials []Credential
	// Limit is when the scheduler ends a run that hangs, if it can.
	Limit time.Duration
	// UserID is the security identifier of the person whose task it is, for Windows. Empty: whoever
	// registers it.
	UserID string
	// Log is the file that takes the output, for launchd, which keeps none. Empty: it is lost.
	Log string
}

// Credential is a secret that systemd passes to the service.
type Credential struct{ Name, Path string }

// File is a file of the result.
type File struct {
	Name string // without a directory
	Text string
	wide bool // it is read as UTF-16
}

// Bytes is the content of the file.
func (f *File) Bytes() []byte {
	if !f.wide {
		return []byte(f.Text)
	}
	content := []byte{0xFF, 0xFE} // the byte order mark of UTF-16, little-endian
	for _, unit := range utf16.Encode([]rune(f.Text)) {
		content = binary.LittleEndian.AppendUint16(content, unit)
	}
	return content
}

// nameForm is what all schedulers take for a name.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// maxNameBytes is the longest name of a job.
const maxNameBytes = 64

// CheckName reports why a job cannot have a name.
func CheckName(name string) error {
	if len(name) > maxNameBytes || !nameForm.MatchString(name) {
		return fmt.Errorf("must be at most %d letters a-z, digits and hyphens, and begin with a letter", maxNameBytes)
	}
	return nil
}

// check reports what no scheduler could run.
func (j *Job) check() error {
	if err := CheckName(j.Name); err != nil {
		return fmt.Errorf("the name %q %w", inventory.Untrusted(j.Name), err)
	}
	if !path.IsAbs(j.Program) && !isWindowsPath(j.Program) {
		return fmt.Errorf("the program %q must be an absolute path", inventory.Untrusted(j.Program))
	}
	for _, text := range j.texts() {
		if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
			return fmt.Errorf("%q holds a character that a schedule cannot hold", inventory.Untrusted(text))
		}
	}
	if j.Spread < 0 || j.Spread >= j.When.period() {
		return fmt.Errorf("the random delay must be shorter than %s, is %s", durationWords(j.When.period()), j.Spread)
	}
	return nil
}

// texts are all texts of the job that others chose.
func (j *Job) texts() []string {
	texts := append([]string{j.Program, j.Account, j.Log}, j.Args...)
	texts = append(texts, j.Writes...)
	for _, credential := range j.Credentials {
		texts = append(texts, credential.Name, credential.Path)
	}
	return texts
}

var driveLetter = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

func isWindowsPath(name string) bool {
	return driveLetter.MatchString(name) || strings.HasPrefix(name, `\\`)
}

// IsOurs reports whether a file was written here, in UTF-8 or in UTF-16.
func IsOurs(content []byte) bool {
	return bytes.Contains(bytes.ReplaceAll(content, []byte{0}, nil), []byte(Marker))
}

package localprofile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

var wording = Wording{Writer: "a browser", Remove: "in the browser"}

// jsonError is the error of reading a document.
func jsonError(text string) error {
	var value any
	return json.Unmarshal([]byte(text), &value)
}

func TestEveryFaultOfAFileHasWordsAndARemedy(t *testing.T) {
	t.Parallel()
	const rewrite = "start the browser with this profile once, so that it writes the file again, and scan again"
	escape := &fs.PathError{Op: "openat", Path: "secret", Err: errors.New("path escapes from parent")}
	for name, test := range map[string]struct {
		err            error
		reason, remedy inventory.Untrusted
	}{
		"empty": {ErrEmpty, "the file is empty", rewrite},
		"cut-off": {fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), "truncated",
			rewrite},
		"json-cut-off": {jsonError(`{"a":`), "truncated at byte 5", rewrite},
		"no-json":      {jsonError(`{]`), "not JSON at byte 1: invalid character ']' at start of value", rewrite},
		"another-shape": {&StructureError{"an array where addons should be", 7},
			"not what a browser writes: an array where addons should be, at byte 7", rewrite},
		"denied": {&fs.PathError{Op: "open", Path: "/secret", Err: syscall.EACCES}, "permission denied",
			"run as the user who owns the profile, or as root with --all-users"},
		"missing": {&fs.PathError{Op: "open", Path: "/secret", Err: syscall.ENOENT}, "it is missing",
			"start the browser with this profile once, or remove the profile in the browser"},
		"too-large": {tooLarge("Preferences", 9, 8),
			`reading "Preferences": larger than the limit: 9 bytes, limit 8`,
			"browsers do not write files this large: find out what did"},
		"late": {&LateError{time.Minute}, "there was no answer within 1m0s",
			"check the disk or the network file system that it is on"},
		"a-link-out": {escape, "a link that leads out of the profile",
			"links out of a profile are not followed: name the directory it leads to with --profile-dir"},
		"a-link-to-itself": {&fs.PathError{Op: "open", Path: "/secret", Err: syscall.ELOOP},
			"a link that leads back to itself", ""},
		"no-file": {fmt.Errorf("reading: %w", ErrNotRegular), "not a regular file", ""},
		"no-zip":  {zip.ErrFormat, "it is not a zip file, or it is damaged", ""},
		"another-of-the-system": {&fs.PathError{Op: "read", Path: "/secret", Err: errors.New("device not ready")},
			"device not ready", ""},
		"any-other": {errors.New("out of its mind"), "out of its mind", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reason, remedy := wording.Describe(test.err)
			if diff := cmp.Diff([]inventory.Untrusted{test.reason, test.remedy},
				[]inventory.Untrusted{reason, remedy}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTheCoverageOfAFaultNamesTheFileAndWhatWasDone(t *testing.T) {
	t.Parallel()
	for file, test := range map[string]struct {
		err    error
		reason inventory.Untrusted
	}{
		"":            {os.ErrPermission, "permission denied"},
		"Preferences": {Doing(os.ErrPermission, "reading %q", "it"), `Preferences: reading "it": permission denied`},
	} {
		want := inventory.Coverage{
			Source: source, Status: inventory.StatusNotObservable, Reason: test.reason,
			Remedy: "run as the user who owns the profile, or as root with --all-users",
		}
		if diff := cmp.Diff(want, wording.Explain(source, file, test.err)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	if err := Doing(os.ErrPermission, "opening %q", "it"); err.Error() != `opening "it": permission denied` {
		t.Errorf("the error says %q", err)
	}
}

func TestWhatFollowsADocumentIsAFault(t *testing.T) {
	t.Parallel()
	for text, fault := range map[string]string{
		"{}": "", "{} \n\t": "", "{}{}": "unexpected data after the end of the document", "{} x": "invalid character 'x'",
	} {
		decoder := jsontext.NewDecoder(strings.NewReader(text), JSONOptions...)
		if err := decoder.SkipValue(); err != nil {
			t.Fatal(err)
		}
		err := EndOfJSON(decoder)
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKindsOfValuesHaveNames(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, text := range []string{"{}", "[]", `""`, "0", "true", "false", "null"} {
		got[text] = KindName(jsontext.Value(text).Kind())
	}
	got[""] = KindName(0)
	want := map[string]string{
		"{}": "an object", "[]": "an array", `""`: "a string", "0": "a number", "true": "true or false",
		"false": "true or false",
		"null":  "null", "": "something else",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAProfileWithFaultsIsPartialAndCountsThem(t *testing.T) {
	t.Parallel()
	const remedy = "close the browser"
	partial := func(reason inventory.Untrusted, details ...inventory.Untrusted) inventory.Coverage {
		return inventory.Coverage{Source: source, Status: inventory.StatusPartial, Items: 3, Details: details,
			Reason: reason, Remedy: remedy}
	}
	for name, test := range map[string]struct {
		add  func(*Details)
		want inventory.Coverage
	}{
		"none": {func(*Details) {}, inventory.Coverage{Source: source, Status: inventory.StatusComplete, Items: 3}},
		"one": {func(d *Details) { d.Add("%s is missing", "a") },
			partial("1 part of the profile could not be read in full", "a is missing")},
		"one-of-which-only-the-number-is-known": {func(d *Details) { d.AddCount(1) },
			partial("1 part of the profile could not be read in full", "and 1 more")},
		"some": {func(d *Details) { d.Add("a"); d.Add("b"); d.AddCount(2) },
			partial("4 parts of the profile could not be read in full", "a", "b", "and 2 more")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var details Details
			test.add(&details)
			if diff := cmp.Diff(test.want, details.Coverage(source, 3, remedy)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDetailsBeyondTheLimitAreCounted(t *testing.T) {
	t.Parallel()
	var details Details
	for n := range inventory.MaxCoverageDetails + 5 {
		details.Add("fault %d", n)
	}
	all := details.All()
	if last := all[len(all)-1]; len(all) != inventory.MaxCoverageDetails || last != "and 6 more" {
		t.Errorf("%d details, the last is %q", len(all), last)
	}
}

func TestALongListIsJoinedInPart(t *testing.T) {
	t.Parallel()
	list := []inventory.Untrusted{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for n, want := range map[int]inventory.Untrusted{0: "", 1: "a", 8: "a, b, c, d, e, f, g, h",
		10: "a, b, c, d, e, f, g, h and 2 more"} {
		if got := JoinSome(list[:n]); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

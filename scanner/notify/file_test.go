package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

// fileSettings are those of a file in a new directory.
func fileSettings(t *testing.T, format string, add bool) (Settings, string) {
	s := secrets(nil)
	path := filepath.Join(t.TempDir(), "digest")
	s.Texts["path"], s.Texts["format"], s.Flags["append"] = path, format, add
	return s, path
}

func TestAFileHoldsTheLastMessageInEachFormat(t *testing.T) {
	t.Parallel()
	for _, c := range contents {
		s, path := fileSettings(t, c.name, false)
		channel := made(t, fileKind, s)
		if err := channel.Check(t.Context(), outside()); err != nil {
			t.Error(err)
		}
		if len(testkit.Names(t, filepath.Dir(path))) != 0 {
			t.Error("the check left something")
		}
		for _, d := range []*Digest{hugeDigest(3), exampleDigest()} {
			for _, m := range prepared(t, channel, d) {
				if err := channel.Deliver(t.Context(), outside(), m); err != nil {
					t.Error(err)
				}
			}
		}
		if got, want := testkit.ReadFile(t, path), testkit.ReadFile(t, "testdata/digest."+c.name); got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", c.name, info.Mode(), err)
		}
	}
}

// An interruption leaves any part of a line; delivering the message again completes it.
func TestALineThatWasAddedInPartIsCompletedAndNeverAddedTwice(t *testing.T) {
	t.Parallel()
	s, path := fileSettings(t, "digest", true)
	channel := made(t, fileKind, s)
	m := prepared(t, channel, exampleDigest())[0]
	line, err := withID(m)
	if err != nil {
		t.Fatal(err)
	}
	const before = `{"id":"earlier"}` + "\n"
	for cutAt := 0; cutAt < len(line); cutAt += 13 {
		testkit.WriteFile(t, path, before+string(line[:cutAt]))
		for range 2 {
			if err := channel.Deliver(t.Context(), outside(), m); err != nil {
				t.Fatal(err)
			}
		}
		if got := testkit.ReadFile(t, path); got != before+string(line) {
			t.Fatalf("after %d bytes of the line: %q", cutAt, got)
		}
	}
}

func TestWhatSomebodyElseLeftInAFileStays(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"no-file": "", "a-note": "by hand", "lines": "{}\n{}\n", "part": `{"id":"other`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path := fileSettings(t, "", true)
			if before != "" {
				testkit.WriteFile(t, path, before)
			}
			channel := made(t, fileKind, s)
			if err := channel.Check(t.Context(), outside()); err != nil {
				t.Error(err)
			}
			for _, d := range []*Digest{exampleDigest(), cleanDigest()} {
				if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, d)[0]); err != nil {
					t.Error(err)
				}
			}
			rest, found := strings.CutPrefix(testkit.ReadFile(t, path), before)
			if !found {
				t.Error("the file lost something")
			}
			lines := strings.Split(strings.Trim(rest, "\n"), "\n")
			if len(lines) != 2 {
				t.Fatalf("%d lines were added", len(lines))
			}
			for i, key := range []string{"6f1d", "c1ea"} {
				var doc document
				if err := json.Unmarshal([]byte(lines[i]), &doc); err != nil || doc.Key != key || doc.ID != "msg_"+key+"_0" {
					t.Errorf("line %d: %v, key %q, id %q", i, err, doc.Key, doc.ID)
				}
			}
		})
	}
}

func TestAFileThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, add := range []bool{false, true} {
		s, path := fileSettings(t, "", add)
		s.Texts["path"] = filepath.Join(path, "missing", "digest.json")
		channel := made(t, fileKind, s)
		m := prepared(t, channel, exampleDigest())[0]
		for _, err := range []error{channel.Check(t.Context(), outside()), channel.Deliver(t.Context(), outside(), m)} {
			f := failureOf(t, err)
			if !f.Temporary || f.Host != s.Texts["path"] || f.Detail == "" || f.Unsure {
				t.Errorf("append %v: %+v", add, f)
			}
		}
	}
	s, _ := fileSettings(t, "text", true)
	if _, err := newFile(s); err == nil || !strings.Contains(err.Error(), `append = true needs format = "digest"`) {
		t.Errorf("text as lines: %v", err)
	}
}

func TestAReportThatIsMissingOrTooLargeIsAnError(t *testing.T) {
	t.Parallel()
	s, _ := fileSettings(t, "report", false)
	channel := made(t, fileKind, s)
	d := exampleDigest()
	d.Document = make([]byte, maxDocumentBytes+1)
	if _, err := channel.Prepare(d); err == nil || !strings.Contains(err.Error(), `choose format = "digest"`) {
		t.Errorf("too large: %v", err)
	}
	d.Document = nil
	if _, err := channel.Prepare(d); err == nil {
		t.Error("without a report: no error")
	}
	d.Occasion = Test
	if payloads, err := channel.Prepare(d); err != nil || !strings.Contains(string(payloads[0].Body), `"occasion":"test"`) {
		t.Errorf("a test without a report: %v", err)
	}
}

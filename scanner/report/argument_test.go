package report_test

import (
	"os/exec"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func TestAnIDIsOneWordOfACommandWhateverItHolds(t *testing.T) {
	t.Parallel()
	for id, want := range map[inventory.Untrusted]string{
		"extension:aaaabbbbccccddddeeeeffffgggghhhh": "extension:aaaabbbbccccddddeeeeffffgggghhhh",
		"notes@acme.example":                         "notes@acme.example",
		"{d634138d-c276-4fc8-924b-40a0ea21d284}":     "'{d634138d-c276-4fc8-924b-40a0ea21d284}'",
		"two words":                                  "'two words'",
		"-rf":                                        `'\u{002D}rf'`,
		"a'b":                                        `'a\u{0027}b'`,
		"a;$(id)`id`|\"%PATH%\"!&<>^*?~#":            `'a\u{003B}\u{0024}\u{0028}id\u{0029}\u{0060}id\u{0060}\u{007C}\u{0022}\u{0025}PATH\u{0025}\u{0022}\u{0021}\u{0026}\u{003C}\u{003E}\u{005E}\u{002A}\u{003F}\u{007E}\u{0023}'`,
		"a\\u{0041}":                                 `'a\u{005C}u{0041}'`,
		"a\u202eb\nc":                                `'a\u{202E}b\u{000A}c'`,
		"\U000E0041":                                 `'\u{E0041}'`,
		"":                                           "''",
	} {
		got := report.Argument(id)
		if got != want {
			t.Errorf("%q is %s, want %s", string(id), got, want)
		}
		if back := report.ParseArgument(strings.Trim(got, "'")); back != string(id) {
			t.Errorf("%s is read as %q", got, back)
		}
	}
	for word, want := range map[string]string{`\u{}`: `\u{}`, `\u{1234567}`: `\u{1234567}`, `\u{zz}`: `\u{zz}`} {
		if got := report.ParseArgument(word); got != want {
			t.Errorf("%s is read as %q", word, got)
		}
	}
}

// FuzzArgument pastes commands into a shell: it must see one word, which is read back as the ID.
func FuzzArgument(f *testing.F) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("there is no shell here")
	}
	f.Add("a'; touch /tmp/x; '")
	f.Add("$(id) `id` \\u{0041}\x00\u202e")
	f.Fuzz(func(t *testing.T, id string) {
		word := report.Argument(inventory.Untrusted(id))
		if at := strings.IndexFunc(strings.Trim(word, "'"), func(r rune) bool {
			return r > 0x7E || strings.ContainsRune("'\"`$&|;<>()*?[]!#~%^\t\r\n", r)
		}); at >= 0 {
			t.Fatalf("%q has a character that acts", word)
		}
		out, err := exec.Command(shell, "-c", "printf '%s\\n' "+word).Output()
		if err != nil {
			t.Fatal(err)
		}
		said := strings.TrimSuffix(string(out), "\n")
		if got := report.ParseArgument(said); got != strings.ToValidUTF8(id, "\uFFFD") {
			t.Errorf("%q became %s, which is read as %q", id, word, got)
		}
	})
}

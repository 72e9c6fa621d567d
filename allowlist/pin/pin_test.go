package pin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/allowlist/pin"
	"guestlist/scanner/testkit"
)

// The files in testdata were signed by minisign and ssh-keygen themselves.
func read(t testing.TB, name string) string {
	t.Helper()
	return testkit.ReadFile(t, filepath.Join("testdata", name))
}

func mustPin(t testing.TB, kind string, keys ...string) pin.Pin {
	t.Helper()
	p, err := makePin(kind, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func makePin(kind string, keys ...string) (pin.Pin, error) {
	switch kind {
	case "sha256":
		return pin.Digest(keys[0])
	case "minisign":
		return pin.Minisign(keys)
	}
	return pin.SSH(keys)
}

func sha256Of(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestWhatIsPinnedIsAccepted(t *testing.T) {
	t.Parallel()
	list := []byte(read(t, "list.toml"))
	for name, test := range map[string]struct {
		pin       pin.Pin
		signature string
	}{
		"the-digest":                   {mustPin(t, "sha256", strings.ToUpper(sha256Of(list))), ""},
		"minisign's-key":               {mustPin(t, "minisign", read(t, "mini.pub")), "list.toml.minisig"},
		"minisign's-key-without-words": {mustPin(t, "minisign", lastLine(read(t, "mini.pub"))), "list.toml.minisig"},
		"minisign's-older-form":        {mustPin(t, "minisign", read(t, "mini.pub")), "list.toml.legacy.minisig"},
		"one-of-two-keys":              {mustPin(t, "minisign", read(t, "mini.pub"), read(t, "mini2.pub")), "list.toml.mini2.minisig"},
		"an-Ed25519-key":               {mustPin(t, "ssh", read(t, "ed.pub")), "list.toml.ed.sig"},
		"an-ECDSA-key":                 {mustPin(t, "ssh", read(t, "ec.pub")), "list.toml.ec.sig"},
		"an-RSA-key":                   {mustPin(t, "ssh", read(t, "rsa.pub")), "list.toml.rsa.sig"},
		"the-second-of-two-SSH-keys":   {mustPin(t, "ssh", read(t, "ed.pub"), read(t, "other.pub")), "list.toml.other.sig"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var signature []byte
			if test.signature != "" {
				signature = []byte(read(t, test.signature))
			}
			if err := test.pin.Check(list, signature); err != nil {
				t.Errorf("Check: %v", err)
			}
			if err := test.pin.Check(append(list[:len(list):len(list)], '\n'), signature); err == nil {
				t.Error("a changed list is accepted")
			}
		})
	}
}

func TestWhatIsNotPinnedIsRefused(t *testing.T) {
	t.Parallel()
	list := []byte(read(t, "list.toml"))
	mini, ed := mustPin(t, "minisign", read(t, "mini.pub")), mustPin(t, "ssh", read(t, "ed.pub"))
	trusted := strings.Replace(read(t, "list.toml.minisig"), "in November", "in December", 1)
	for name, test := range map[string]struct {
		pin             pin.Pin
		signature, want string
	}{
		"another-digest":         {mustPin(t, "sha256", strings.Repeat("0a", 32)), "", "its SHA-256 is " + sha256Of(list) + ", and 0a0a"},
		"no-pin":                 {pin.Pin{}, "", "nothing is pinned"},
		"another-minisign-key":   {mini, read(t, "list.toml.mini2.minisig"), "which is not pinned"},
		"a-changed-comment":      {mini, trusted, "its signature is wrong"},
		"no-minisign-signature":  {mini, "", "not one of minisign"},
		"another-SSH-key":        {ed, read(t, "list.toml.other.sig"), "which is not pinned"},
		"another-namespace":      {ed, read(t, "list.toml.file.sig"), `was made for "file": sign it with ssh-keygen -Y sign -n guestlist`},
		"no-SSH-signature":       {ed, "-----BEGIN SSH SIGNATURE-----\n", "not one of ssh-keygen"},
		"another-tool's-signing": {ed, read(t, "list.toml.minisig"), "not one of ssh-keygen"},
		"a-huge-signature":       {ed, strings.Repeat("x", pin.MaxSignatureBytes+1), "larger than 16 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := test.pin.Check(list, []byte(test.signature)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Check = %v, want %q", err, test.want)
			}
		})
	}
}

func TestKeysThatCannotBePinned(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ kind, key, want string }{
		"a-short-digest":       {"sha256", "abcd", "64 hexadecimal digits"},
		"a-digest-of-letters":  {"sha256", strings.Repeat("x", 64), "64 hexadecimal digits"},
		"no-minisign-key":      {"minisign", "RWQ", "not a public key of minisign"},
		"no-SSH-key":           {"ssh", "ssh-ed25519 AAAA", "not an SSH public key"},
		"two-keys-in-one-text": {"ssh", read(t, "ed.pub") + read(t, "other.pub"), "not an SSH public key"},
		"a-weak-RSA-key":       {"ssh", read(t, "weak.pub"), "less than 2048 bits"},
		"a-certificate":        {"ssh", read(t, "ed-cert.pub"), "it is a certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := makePin(test.kind, test.key); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Nothing that a server can send as a signature passes for one, or stops the program.
func FuzzSignature(f *testing.F) {
	for _, name := range []string{"list.toml.minisig", "list.toml.legacy.minisig", "list.toml.ed.sig", "list.toml.ec.sig",
		"list.toml.rsa.sig", "list.toml.file.sig"} {
		f.Add(read(f, name))
	}
	f.Add("")
	pins := []pin.Pin{mustPin(f, "minisign", read(f, "mini.pub")),
		mustPin(f, "ssh", read(f, "ed.pub"), read(f, "ec.pub"), read(f, "rsa.pub"))}
	f.Fuzz(func(t *testing.T, signature string) {
		for _, each := range pins {
			if err := each.Check([]byte("version = 1\n# forged\n"), []byte(signature)); err == nil {
				t.Errorf("%v accepts %q for a list that nobody signed", each, signature)
			}
		}
	})
}

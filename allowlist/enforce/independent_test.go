package enforce_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"howett.net/plist"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/testkit"
)

// What others read of a form is the JSON form, value for value.

func settingsAsJSON(t *testing.T, target *enforce.Target, text string) any {
	t.Helper()
	var object map[string]any
	content := emit(t, parse(t, text), target.Name, enforce.Options{Form: enforce.FormJSON}).Content
	if err := json.Unmarshal(content, &object); err != nil {
		t.Fatal(err)
	}
	if policies, ok := object["policies"].(map[string]any); ok {
		object = policies
	}
	return object["ExtensionSettings"]
}

func browsers(t *testing.T, test func(t *testing.T, target *enforce.Target)) {
	for _, target := range enforce.Targets() {
		if target.IsBrowser() {
			t.Run(target.Name, func(t *testing.T) {
				t.Parallel()
				test(t, target)
			})
		}
	}
}

// hostile is the list of everything with a name, a reason and a contact that try to act.
var hostile = strings.NewReplacer(
	`Notes \"for\" <all> -- & ]]>`, `--><key>installation_mode</key><string>allowed</string>\u202E \r\n[HKEY_LOCAL_MACHINE\\X]\r\n\"a\"=\"b\"`,
	`Sells browsing data`, `</string></dict></plist><!-- \" \\ \r\n; \u0007 \u2028 end`, `contact = "it@acme.example"`,
	`contact = "it@acme.example \"<x>\" \\ \n --> \uFEFF"`,
).Replace(everything)

func TestALibraryReadsThePropertyListsAndProfiles(t *testing.T) {
	t.Parallel()
	browsers(t, func(t *testing.T, target *enforce.Target) {
		for _, text := range []string{everything, hostile} {
			want := settingsAsJSON(t, target, text)
			list := parse(t, text)
			var preferences map[string]any
			if _, err := plist.Unmarshal(emit(t, list, target.Name, enforce.Options{Form: enforce.FormPlist}).Content, &preferences); err != nil {
				t.Fatal(err)
			}
			if got := preferences["ExtensionSettings"]; !reflect.DeepEqual(got, want) {
				t.Errorf("the property list holds\n%v\nwant\n%v", got, want)
			}
			profile := readProfile(t, emit(t, list, target.Name, enforce.Options{Form: enforce.FormMobileconfig}).Content)
			if got := profile.Content[0]["ExtensionSettings"]; !reflect.DeepEqual(got, want) || profile.Content[0]["PayloadType"] != target.MacOS {
				t.Errorf("the profile holds\n%v\nwant\n%v", profile.Content[0], want)
			}
		}
	})
}

// profile is what Apple requires of a configuration profile.
type profile struct {
	Type       string           `plist:"PayloadType"`
	Version    int              `plist:"PayloadVersion"`
	Identifier string           `plist:"PayloadIdentifier"`
	UUID       string           `plist:"PayloadUUID"`
	Content    []map[string]any `plist:"PayloadContent"`
}

func readProfile(t *testing.T, data []byte) *profile {
	t.Helper()
	var found profile
	if _, err := plist.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	if found.Type != "Configuration" || found.Version != 1 || found.Identifier == "" || len(found.UUID) != 36 ||
		len(found.Content) != 1 {
		t.Fatalf("the profile is %+v", found)
	}
	for _, key := range []string{"PayloadType", "PayloadVersion", "PayloadIdentifier", "PayloadUUID"} {
		if found.Content[0][key] == nil {
			t.Errorf("the payload has no %s", key)
		}
	}
	if found.Content[0]["PayloadUUID"] == found.UUID {
		t.Error("the profile and its payload have one UUID")
	}
	return &found
}

// macOS keeps managed preferences in the binary form: libplist writes it, and we read it.
func TestThePropertyListsInTheBinaryFormOfLibplistAreTheSamePolicy(t *testing.T) {
	t.Parallel()
	plistutil, err := exec.LookPath("plistutil")
	if err != nil {
		testkit.Unavailable(t, "plistutil (on Debian: libplist-utils) is not installed")
	}
	browsers(t, func(t *testing.T, target *enforce.Target) {
		for _, form := range []enforce.Form{enforce.FormPlist, enforce.FormMobileconfig} {
			list := parse(t, hostile)
			path := filepath.Join(t.TempDir(), "xml.plist")
			options := enforce.Options{Form: form, At: now}
			testkit.WriteFile(t, path, string(emit(t, list, target.Name, options).Content))
			binaryForm := path + ".binary"
			if out, err := exec.CommandContext(t.Context(), plistutil, "-i", path, "-o", binaryForm, "-f", "bin").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			data, err := os.ReadFile(binaryForm)
			if err != nil || !bytes.HasPrefix(data, []byte("bplist00")) {
				t.Fatalf("plistutil wrote %.20q (%v)", data, err)
			}
			read, err := enforce.Read(target, data)
			if err != nil {
				t.Fatal(err)
			}
			if differences := enforce.Compare(list, target, options, read); len(differences) > 0 {
				t.Errorf("%s: %+v", form, differences)
			}
		}
	})
}

func TestLibhivexReadsTheExportsOfTheRegistry(t *testing.T) {
	t.Parallel()
	if exec.CommandContext(t.Context(), "perl", "-MWin::Hivex::Regedit", "-e1").Run() != nil {
		testkit.Unavailable(t, "Perl's Win::Hivex (on Debian: libwin-hivex-perl) is not installed")
	}
	browsers(t, func(t *testing.T, target *enforce.Target) {
		for _, text := range []string{everything, hostile} {
			path := filepath.Join(t.TempDir(), "policy.reg")
			testkit.WriteFile(t, path, string(emit(t, parse(t, text), target.Name, enforce.Options{Form: enforce.FormReg}).Content))
			out, err := exec.CommandContext(t.Context(), "perl", "testdata/readregistry.pl", path).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			fields := strings.Split(strings.TrimSuffix(string(out), "\n"), "\t")
			if len(fields) != 4 || fields[0] != `\HKEY_LOCAL_MACHINE\`+target.Windows || fields[1] != "ExtensionSettings" {
				t.Fatalf("it holds %.300q, want one value ExtensionSettings", out)
			}
			ending := map[string]string{"1": "\x00", "7": "\x00\x00"}[fields[2]]
			value, ended := strings.CutSuffix(decodeHex(t, fields[3]), ending)
			var got any
			if err := json.Unmarshal([]byte(value), &got); err != nil || !ended || ending == "" || (fields[2] == "7") != (target.Name == "firefox") {
				t.Fatalf("type %s: %v: %.300q", fields[2], err, value)
			}
			if want := settingsAsJSON(t, target, text); !reflect.DeepEqual(got, want) {
				t.Errorf("the value is\n%v\nwant\n%v", got, want)
			}
		}
	})
}

func decodeHex(t *testing.T, digits string) string {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	units := make([]uint16, len(data)/2)
	for n := range units {
		units[n] = binary.LittleEndian.Uint16(data[2*n:])
	}
	return string(utf16.Decode(units))
}

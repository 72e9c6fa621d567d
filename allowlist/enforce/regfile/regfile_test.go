package regfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/enforce/regfile"
)

func TestAnExportIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	keys := []regfile.Key{
		{Path: `HKEY_LOCAL_MACHINE\SOFTWARE\Acme`, Values: []regfile.Value{
			{Name: "text", Data: `a "quoted" \ text; with = and [brackets]`}, {Name: "", Data: "the default"},
			{Name: `na"me\`, Data: "Größe 😀"}, {Name: "lines", Data: "one\r\ntwo"}, {Name: "list", Data: []any{"a", "b c"}},
			{Name: "number", Data: int64(0xDEADBEEF)},
		}},
		{Path: `HKEY_CURRENT_USER\Software\Empty`},
	}
	data := regfile.Write(keys, []string{"a comment", "[HKEY_NOWHERE]"})
	if !regfile.Is(data) {
		t.Error("it is not recognized")
	}
	got, err := regfile.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExportsOfOtherMakersAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []regfile.Key
	}{
		"version-4-in-ascii": {
			"REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\A]\r\n@=\"x\"\r\n\"m\"=hex(7):61,00,62,\\\r\n  00,00\r\n",
			[]regfile.Key{{Path: `HKEY_LOCAL_MACHINE\A`, Values: []regfile.Value{{Data: "x"}, {Name: "m", Data: []any{"a", "b"}}}}},
		},
		"what-is-deleted-and-other-types-are-left-out": {
			"Windows Registry Editor Version 5.00\n[-HKEY_LOCAL_MACHINE\\Gone]\n\"a\"=\"lost\"\n[HKEY_LOCAL_MACHINE\\A]\n\"b\"=-\n\"c\"=hex:01,02\n\"d\"=dword:00000001\n",
			[]regfile.Key{{Path: `HKEY_LOCAL_MACHINE\A`, Values: []regfile.Value{{Name: "d", Data: int64(1)}}}},
		},
		"a-string-over-several-lines": {
			"Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\A]\n\"a\"=\"one\ntwo\"\n",
			[]regfile.Key{{Path: `HKEY_LOCAL_MACHINE\A`, Values: []regfile.Value{{Name: "a", Data: "one\ntwo"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := regfile.Read([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsWrongIsSaidWithItsLine(t *testing.T) {
	t.Parallel()
	const head = "Windows Registry Editor Version 5.00\n"
	for text, want := range map[string]string{
		"":                            "its first line is not that of an export",
		"hello":                       "line 1: it is not the first line of an export",
		head + "\"a\"=\"b\"":          "line 2: a value stands before the first key",
		head + "[HKEY":                "line 2: a key has no closing bracket",
		head + "[H]\n\"a\"=\"b":       "line 3: a string does not end",
		head + "[H]\n\"a\" \"b\"":     `line 3: a value has no "="`,
		head + "[H]\n\"a\"=dword:xyz": "line 3: a number is not 8 hexadecimal digits",
		head + "[H]\n\"a\"=hex(7):0g": "line 3: a list of bytes has other characters",
		head + "[H]\n\"a\"=b":         "line 3: what is assigned has no type",
		head + "[H]\na=b":             "line 3: a name or string has no quotes",
		"\xFE\xFF\x00W":               "neither UTF-16",
	} {
		if _, err := regfile.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(regfile.Write([]regfile.Key{{Path: `HKEY_LOCAL_MACHINE\A`, Values: []regfile.Value{
		{Name: "a", Data: `b"\`}, {Name: "c", Data: []any{"d"}}, {Data: int64(5)},
	}}}, []string{"comment"}))
	f.Add([]byte("REGEDIT4\n[A]\n@=hex(7):61,\\\n00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := regfile.Read(data)
		if err != nil {
			return
		}
		for _, key := range keys {
			if strings.ContainsAny(key.Path, "\n") {
				t.Errorf("a key of two lines: %q", key.Path)
			}
		}
	})
}

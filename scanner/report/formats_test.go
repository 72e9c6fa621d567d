package report

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"guestlist/scanner/inventory"
)

// everyWay returns all formats, each as it looks in a pipe and on terminals of two widths.
func everyWay() map[string]Renderer {
	ways := make(map[string]Renderer)
	for _, format := range Formats {
		ways[format.Name] = format.New(Style{})
		ways[format.Name+" on a terminal"] = format.New(Style{Terminal: true, Width: 80, Height: 23})
		ways[format.Name+" on a wide terminal, at length"] = format.New(Style{Terminal: true, Width: 150, Height: 50,
			Details: true})
	}
	return ways
}

func TestEveryFormatSaysWhatItIsAndIsFoundByItsName(t *testing.T) {
	t.Parallel()
	isName := regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	var names []string
	for _, format := range Formats {
		if !isName.MatchString(format.Name) || format.About == "" || format.New == nil {
			t.Errorf("%q is not whole: about %q", format.Name, format.About)
		}
		if found, ok := FormatNamed(format.Name); !ok || found.About != format.About {
			t.Errorf("%q is not found by its name", format.Name)
		}
		for _, name := range append([]string{format.Name}, format.Also...) {
			if slices.Contains(names, name) {
				t.Errorf("two formats are called %q", name)
			}
			names = append(names, name)
		}
	}
	if _, ok := FormatNamed("no-such-format"); ok {
		t.Error("a format is found that is not there")
	}
}

func TestEveryFormatWritesTheSameReportTheSameWayTwice(t *testing.T) {
	t.Parallel()
	for name, renderer := range everyWay() {
		var first, second bytes.Buffer
		for _, out := range []*bytes.Buffer{&first, &second} {
			if err := renderer.Render(out, organizations()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if first.Len() == 0 || !bytes.HasSuffix(first.Bytes(), []byte("\n")) {
			t.Errorf("%s does not end with a line end", name)
		}
		if first.String() != second.String() {
			t.Errorf("%s differs from itself", name)
		}
	}
}

// What is foreign may hold anything. No format lets it act on a terminal, mislead a reader or begin
// a line.
func TestNoFormatLetsForeignTextAct(t *testing.T) {
	t.Parallel()
	const hostile = " \x1b[2J\u009b1m\u202e\u2066\u2028\r\nverdict: clean\x00<script>|=cmd()"
	r := organizations()
	spoil(reflect.ValueOf(r).Elem(), hostile)
	for name, renderer := range everyWay() {
		var out bytes.Buffer
		if err := renderer.Render(&out, r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, each := range out.String() {
			control := unicode.IsControl(each) && each != '\n' && each != '\t'
			if misleads := unicode.In(each, unicode.Cf, unicode.Zl, unicode.Zp); control || misleads {
				t.Errorf("%s writes %U as it is", name, each)
				break
			}
		}
		if strings.Contains(out.String(), "\nverdict: clean") {
			t.Errorf("%s lets foreign text begin a line", name)
		}
	}
}

// spoil puts text behind everything foreign that is set, but for what package allowlist has made
// harmless already.
func spoil(value reflect.Value, text string) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			spoil(value.Elem(), text)
		}
	case reflect.Slice:
		for n := range value.Len() {
			spoil(value.Index(n), text)
		}
	case reflect.Struct:
		for n := range value.NumField() {
			if field := value.Type().Field(n); field.IsExported() && field.Name != "Approve" {
				spoil(value.Field(n), text)
			}
		}
	case reflect.String:
		if value.Type() == reflect.TypeFor[inventory.Untrusted]() && value.Len() > 0 {
			value.SetString(value.String() + text)
		}
	}
}

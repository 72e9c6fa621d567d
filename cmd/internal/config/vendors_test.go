package config

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// samples are a file for each vendor that asks for all its providers, and is no reason to ask
// anyone.
var samples = map[*Vendor]string{
	&googleVendor: "[google_workspace]\nsubject = 'it@acme.example'\nkey = {env = 'KEY'}\nfeatures = ['accounts', 'chrome']\n",
	&githubVendor: "[[github]]\norganizations = ['acme']\ntoken = {env = 'KEY'}\n",
}

func run(t *testing.T) *Run {
	t.Helper()
	getenv := func(string) string { return "" }
	return &Run{
		Env: scanner.Env{Now: time.Now, Getenv: getenv, Log: slog.New(slog.DiscardHandler)}, Outside: Outside{Getenv: getenv},
		StateDir: t.TempDir(), OnUsers: func(int, int) {}, OnWait: func(time.Time, string) {},
	}
}

func sample(t *testing.T, v *Vendor) *Config {
	t.Helper()
	c, err := Parse("f.toml", []byte("version = 1\n"+samples[v]))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func providersOf(sources []Source) []inventory.Provider {
	var names []inventory.Provider
	for _, source := range sources {
		names = append(names, source.Name())
	}
	return names
}

// Whoever adds a vendor fills in its value, and every command has what it needs.
func TestAVendorsValueIsWhole(t *testing.T) {
	t.Parallel()
	for _, v := range Vendors() {
		if v.Name() == "" || v.Name() != strings.TrimSpace(v.Name()) {
			t.Errorf("%v: package vendor has no name for it", v.Providers)
		}
		if strings.Trim(v.Table, "[]") != v.key || len(v.parts[v.key]) == 0 {
			t.Errorf("%s: the table %q with the key %q has the keys %q", v.Name(), v.Table, v.key, v.parts[v.key])
		}
		for _, name := range v.Providers {
			if !strings.Contains(v.Examples[name], v.Table) {
				t.Errorf("%s has no example with %s", name, v.Table)
			}
		}
		for other, key := range v.otherKeys {
			if known := slices.Concat(v.parts[v.key], v.parts[partApp], []string{v.key}); !slices.Contains(known, key) {
				t.Errorf("%s: %q means %q, which is no key", v.Name(), other, key)
			}
		}
	}
}

func TestEveryProviderThatIsNotLocalIsConfiguredByOneVendor(t *testing.T) {
	t.Parallel()
	var want, got []inventory.Provider
	for _, row := range vendor.All() {
		if !row.Local {
			want = append(want, row.Provider)
		}
	}
	for _, v := range Vendors() {
		got = append(got, v.Providers...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("providers (-package vendor +configuration)\n%s", diff)
	}
}

func TestAFileMakesTheProvidersOfItsVendorAlone(t *testing.T) {
	t.Parallel()
	for _, v := range Vendors() {
		sources := sample(t, v).Sources(t.Context(), run(t))
		if diff := cmp.Diff(v.Providers, providersOf(sources)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", v.Name(), diff)
		}
		for _, source := range sources {
			if len(source.Targets) == 0 || slices.Contains(source.Targets, "") {
				t.Errorf("%s reads %q: two scans cannot be compared", source.Name(), source.Targets)
			}
		}
		for _, name := range v.Providers {
			only := run(t)
			only.Named = []string{string(name)}
			if got := providersOf(sample(t, v).Sources(t.Context(), only)); !slices.Equal(got, []inventory.Provider{name}) {
				t.Errorf("where %s is named, %v are made", name, got)
			}
		}
	}
}

// Doctor asks it, with or without a credential.
func TestAProviderThatIsConfiguredCanBeProbed(t *testing.T) {
	t.Parallel()
	for _, v := range Vendors() {
		for name, value := range map[string]string{"without a credential": "", "with one": "not-a-credential"} {
			asked := run(t)
			asked.Outside.Getenv = func(string) string { return value }
			for _, source := range sample(t, v).Sources(t.Context(), asked) {
				if _, ok := source.Provider.(scanner.Prober); !ok {
					t.Errorf("%s, %s: doctor cannot ask %T", source.Name(), name, source.Provider)
				}
			}
		}
	}
}

func TestACredentialThatIsNotThereCostsItsOwnProviderAlone(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, v := range Vendors() {
		text.WriteString(samples[v])
	}
	c, err := Parse("f.toml", []byte("version = 1\n"+text.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range c.Sources(t.Context(), run(t)) {
		coverage, err := source.Collect(t.Context(), nil)
		if err != nil || len(coverage) == 0 {
			t.Fatalf("%s: %v, %v", source.Name(), coverage, err)
		}
		for _, gap := range coverage {
			if gap.Status != inventory.StatusNotObservable ||
				!strings.Contains(gap.Reason.String(), "the variable KEY is not set") {
				t.Errorf("%s: %s, %s", source.Name(), gap.Status, gap.Reason)
			}
		}
	}
}

// A person's own check asks nobody but this machine, unless it is told to, and nobody whom only an
// administrator can ask.
func TestASelfCheckAsksOnlyWhoIsNamed(t *testing.T) {
	t.Parallel()
	for _, v := range Vendors() {
		for _, c := range []*Config{{}, sample(t, v)} {
			own := run(t)
			own.Self = true
			if sources := c.Sources(t.Context(), own); len(sources) > 0 {
				t.Errorf("unnamed, %v are asked", providersOf(sources))
			}
			own.Named = []string{string(v.Providers[0])}
			if asked := len(c.Sources(t.Context(), own)) > 0; asked != (v.SelfCheck != "") {
				t.Errorf("%s, named: asked is %v", v.Name(), asked)
			}
		}
	}
}

func TestSigningInNeedsTheLineThatTheHintHas(t *testing.T) {
	t.Parallel()
	for _, v := range Vendors() {
		if v.SignIn == "" {
			continue
		}
		for _, c := range []*Config{{}, sample(t, v)} {
			_, err := c.SignIn(t.Context(), v, run(t), &Person{ConfigPath: "etc/guestlist.toml"})
			setup, ok := errors.AsType[*SetupError](err)
			if !ok || !strings.Contains(setup.Error(), v.Table) || !strings.Contains(setup.Hint, `in "etc/guestlist.toml"`) {
				t.Errorf("%s: %v", v.Name(), err)
			}
		}
	}
}

package vendor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func providers() []inventory.Provider {
	all := make([]inventory.Provider, len(vendors))
	for n, row := range vendors {
		all[n] = row.Provider
	}
	return all
}

// A vendor is whole: whoever adds one fills in its row, and judge and reports have what they need.
func TestEveryVendorSaysAllOfItself(t *testing.T) {
	t.Parallel()
	organization := inventory.Source{Name: "host.example/acme"}
	named := make(map[string]bool)
	for _, row := range vendors {
		words := row.Accounts
		texts := map[string]string{
			"name": row.Name, "first party": row.FirstParty, "second factor": row.SecondFactor.Name,
			"turning it on": row.SecondFactor.TurnOn,
			"admin":         words.Admin, "guest": words.Guest, "account name": words.Name, "departed": words.Departed[0],
			"departed, many": words.Departed[1],
		}
		for what, text := range texts {
			if text == "" {
				t.Errorf("%s has no words for %s", row.Provider, what)
			}
		}
		for _, page := range []string{row.SecondFactor.TurnOn, row.SecondFactor.Enforce, words.Page, words.GuestPage,
			row.obscureLinks[0], row.obscureLinks[1]} {
			if filled := string(row.Page(page, organization)); strings.ContainsAny(filled, "{}") {
				t.Errorf("%s leaves open what stands in %q", row.Provider, filled)
			}
		}
		for kind, parts := range row.Lists {
			if !slices.Contains(inventory.Kinds(), kind) || len(parts) == 0 || slices.Contains(parts, "") {
				t.Errorf("%s lists %q in %q", row.Provider, kind, parts)
			}
		}
		for _, other := range row.Also {
			if named[other] || slices.Contains(providers(), inventory.Provider(other)) {
				t.Errorf("%s is also called %q, as another one is", row.Provider, other)
			}
			named[other] = true
		}
		if Of(row.Provider) != row {
			t.Errorf("%s is not found by its name", row.Provider)
		}
	}
	if found := Of("another"); found.Name != "" || found.Local || found.Accounts.Admin == "" {
		t.Errorf("of a provider without a row is said %+v", found)
	}
}

func TestEveryProviderOfTheInventoryHasARow(t *testing.T) {
	t.Parallel()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../inventory/source.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "Provider" {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if count++; !slices.Contains(providers(), inventory.Provider(name)) {
			t.Errorf("%s has no row", name)
		}
		return true
	})
	if count != len(vendors) {
		t.Errorf("%d providers, %d rows", count, len(vendors))
	}
}

func TestAPageIsThatOfTheOrganizationsOwnHost(t *testing.T) {
	t.Parallel()
	for source, want := range map[inventory.Untrusted]inventory.Untrusted{
		"acme":                  "https://github.com/orgs/acme/people",
		"ghe.acme.example/labs": "https://ghe.acme.example/orgs/labs/people",
	} {
		if page := github.Page(github.Accounts.Page, inventory.Source{Name: source}); page != want {
			t.Errorf("%s: %s, want %s", source, page, want)
		}
	}
}

func TestGistsAreLookedAtOnTheHostThatHasThem(t *testing.T) {
	t.Parallel()
	for source, want := range map[inventory.Untrusted]inventory.Untrusted{
		"employee":                  "https://gist.github.com/",
		"ghe.acme.example/employee": "https://ghe.acme.example/gist/",
		"acme.ghe.com/employee":     "https://acme.ghe.com/gist/",
	} {
		if page := github.ObscureLinksOf(inventory.Source{Name: source}); page != want {
			t.Errorf("%s: %s, want %s", source, page, want)
		}
	}
	if page := Of("another").ObscureLinksOf(inventory.Source{Name: "acme"}); page != "" {
		t.Errorf("of a vendor without such pages: %s", page)
	}
}

func TestAScopeStandsWithoutWhatAllOfAVendorsBeginWith(t *testing.T) {
	t.Parallel()
	const scope = "https://www.googleapis.com/auth/drive.file"
	if short, cut := CutScopePrefix(scope); short != "drive.file" || !cut {
		t.Errorf("%q, %v", short, cut)
	}
	if short, cut := CutScopePrefix("repo"); short != "repo" || cut {
		t.Errorf("%q, %v", short, cut)
	}
	if text := ShortScopes("openid, " + scope + "; " + scope); text != "openid, drive.file; drive.file" {
		t.Errorf("%q", text)
	}
}

func TestAnIDIsOneThatTheVendorGives(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		vendor *Vendor
		kind   inventory.Kind
		id     inventory.Untrusted
		want   bool
	}{
		{&googleWorkspace, inventory.KindOAuthGrant, "430000000003-aaaa.apps.googleusercontent.com", true},
		{&googleWorkspace, inventory.KindOAuthGrant, "430000000003", true},
		{&googleWorkspace, inventory.KindOAuthGrant, "legacy.example", true},
		{&googleWorkspace, inventory.KindOAuthGrant, "1234567", false},
		{&googleWorkspace, inventory.KindOAuthGrant, "Iv23liExample", false},
		{&googleWorkspace, inventory.KindAppPassword, "any", true},
		{&chromeManagement, inventory.KindExtension, "cjpalhdlnbpafiamejdnhcphjbkeiagm", true},
		{&chromeManagement, inventory.KindExtension, "uBlock0@raymondhill.net", false},
		{&github, inventory.KindInstallation, "1234567", true},
	} {
		if got := test.vendor.CouldBe(test.kind, test.id); got != test.want {
			t.Errorf("%s, %s %q: %v", test.vendor.Provider, test.kind, test.id, got)
		}
	}
}

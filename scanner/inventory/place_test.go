package inventory

import "testing"

func TestASourceIsRenamedInThePartThatIsAnAccountsName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		provider                            Provider
		name, organization, login, to, want Untrusted
	}{
		{GoogleWorkspace, "acme.example/grants/Ada@acme.example", "acme.example", "ada@acme.example", "zoe@acme.example",
			"acme.example/grants/zoe@acme.example"},
		{ChromeManagement, "acme.example/extensions/ada/profile-1", "acme.example", "ada", "zoe",
			"acme.example/extensions/zoe/profile-1"},
		{GoogleWorkspace, "acme.example/grants/a∕b", "acme.example", "a/b", "c/d", "acme.example/grants/c∕d"},
		{GitHub, "ada/keys", "", "ada", "zoe", "zoe/keys"},
		{GitHub, "ghe.acme.example/ada/keys", "ghe.acme.example", "ada", "zoe", "ghe.acme.example/zoe/keys"},
		{GitHub, "ada", "", "ada", "zoe", "zoe"},
		// Of another organization, or with more in front or behind.
		{GoogleWorkspace, "acme.example/grants/ada", "labs.example", "ada", "zoe", "acme.example/grants/ada"},
		{GoogleWorkspace, "acme.example/grants/adam", "acme.example", "ada", "zoe", "acme.example/grants/adam"},
		{GoogleWorkspace, "", "acme.example", "ada", "zoe", ""},
	} {
		place := NewPlace(test.provider, test.organization, test.login)
		got, found := Source{Provider: test.provider, Host: "laptop-01",
			Name: test.name}.Rename(func(asked Place) (Untrusted, bool) {
			return test.to, asked == place
		})
		if got.Name != test.want || got.Host != "laptop-01" || found != (test.want != test.name) {
			t.Errorf("%s: %s, %v; want %s", test.name, got.Name, found, test.want)
		}
	}
}

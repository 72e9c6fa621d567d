package config

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
)

// minimal is a [[post]] of a kind with what it needs.
func minimal(kind *notify.Kind, name string) string {
	text := fmt.Sprintf("[[post]]\nname = %q\nkind = %q\n", name, kind.Name)
	for _, key := range kind.Keys {
		if key.Required {
			text += key.Name + " = " + key.Example + "\n"
		}
	}
	return text
}

func TestEveryKindOfChannelCanBeConfiguredAsItsExamplesSay(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	text := "version = 1\n"
	for n, kind := range notify.Kinds {
		text += minimal(kind, fmt.Sprintf("channel-%d", n))
	}
	c, err := Parse("guestlist.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Posts) != len(notify.Kinds) {
		t.Fatalf("%d channels", len(c.Posts))
	}
	for n, post := range c.Posts {
		if _, err := post.Channel(Outside{}); err != nil || post.Kind != notify.Kinds[n] {
			t.Errorf("%s: %v, %v", post.Name, post.Kind.Name, err)
		}
		if post.Filter.When != news.Changes || post.Filter.Remind != 7*24*time.Hour || post.Filter.Kind != post.Kind.Name {
			t.Errorf("%s: %+v", post.Name, post.Filter)
		}
	}
	if err := schema.Validate(asJSON(t, text)); err != nil {
		t.Errorf("the schema: %v", err)
	}
	for _, kind := range notify.Kinds {
		var values map[string]any
		for _, key := range kind.Keys {
			if _, err := toml.Decode(key.Name+" = "+key.Example, &values); err != nil {
				t.Errorf("%s: the example of %s: %v", kind.Name, key.Name, err)
			}
		}
	}
}

func TestTheKeysOfAChannelReachIt(t *testing.T) {
	t.Parallel()
	c, err := Parse(filepath.Join("etc", "guestlist.toml"), []byte(`version = 1
[[post]]
name = "pager"
kind = "webhook"
url = { env = "HOOK" }
secret = { env = "SECRET" }
severities = ["critical", "high"]
providers = "github"
when = "findings"
remind = "2w"
[[post]]
name = "log"
kind = "file"
path = "~/digest.json"
remind = "never"
[heartbeat]
url = { env = "BEAT" }
style = "healthchecks"
`))
	if err != nil {
		t.Fatal(err)
	}
	want := news.Filter{Severities: []inventory.Level{inventory.Critical, inventory.High},
		Providers: []inventory.Provider{inventory.GitHub}, When: news.Findings, Remind: 14 * 24 * time.Hour, Kind: "webhook"}
	if diff := cmp.Diff(want, c.Posts[0].Filter); diff != "" {
		t.Error(diff)
	}
	outside := Outside{Getenv: func(name string) string { return map[string]string{"BEAT": "https://beat.example/1"}[name] },
		Home: "home"}
	if path := inHome(c.Posts[1].paths["path"], outside.Home); path != filepath.Join("home", "digest.json") ||
		c.Posts[1].Filter.Remind != 0 {
		t.Errorf("%q %v", path, c.Posts[1].Filter)
	}
	url, err := c.Heartbeat.Read(context.Background(), c.Heartbeat.URL, outside)
	if url != "https://beat.example/1" || err != nil || !c.Heartbeat.Healthchecks {
		t.Errorf("%q, %v", url, err)
	}
}

func TestAMistakeInAChannelHasItsLineAndSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	const hook = "version = 1\n[[post]]\nname = \"team\"\nkind = \"webhook\"\nurl = { env = \"U\" }\n"
	for name, test := range map[string]struct{ text, want string }{
		"no name": {strings.Replace(hook, "name = \"team\"\n", "", 1), `f:2: [[post]] has no name`},
		"no kind": {strings.Replace(hook, "kind = \"webhook\"\n", "", 1), `f:2: [[post]] has no kind`},
		"an unknown kind": {strings.Replace(hook, "webhook", "webhok", 1),
			`f:4: there is no kind of channel "webhok" (did you mean "webhook"?)`},
		"an empty kind":         {strings.Replace(hook, `"webhook"`, `""`, 1), `f:4: kind is empty`},
		"a key misspelt":        {hook + "secrets = { env = \"S\" }\n", `f:6: [[post]] has no key "secrets" (did you mean "secret"?)`},
		"a key of another kind": {hook + "path = \"x\"\n", `f:6: [[post]] has no key "path"`},
		"what others call it":   {hook + "severity = \"high\"\n", `f:6: [[post]] has no key "severity" (did you mean "severities"?)`},
		"a name of other letters": {strings.Replace(hook, "\"team\"", "\"../Team Chat\"", 1),
			`f:3: "../Team Chat" is not a name: it may hold lower-case letters, digits, - and _`},
		"a name twice": {hook + "[[post]]\nname = \"team\"\nkind = \"file\"\npath = \"x\"\n",
			`f:7: "team" is already the name of the [[post]] on line 2`},
		"a secret in the file": {strings.Replace(hook, `{ env = "U" }`, `"https://hooks.example/secret"`, 1),
			`f:5: url is a string, and secrets do not belong in this file`},
		"a key that is missing": {strings.Replace(hook, "url = { env = \"U\" }\n", "", 1),
			`f:2: [[post]] of kind "webhook" needs url`},
		"an unknown when":     {hook + "when = \"change\"\n", `f:6: when has no value "change" (did you mean "changes"?)`},
		"two whens":           {hook + "when = [\"always\"]\n", `f:6: when must be a string`},
		"an unknown severity": {hook + "severities = [\"hihg\"]\n", `f:6: severities has no value "hihg" (did you mean "high"?)`},
		"no severities":       {hook + "severities = []\n", `f:6: severities is an empty list`},
		"an unknown provider": {hook + "providers = [\"gitlab\"]\n", `f:6: providers has no value "gitlab" (did you mean "github"?)`},
		"a reminder of hours": {hook + "remind = \"12h\"\n", `f:6: remind must be a number of days or weeks, is "12h"`},
		"an unknown format":   {hook + "format = \"jsn\"\n", `f:6: format has no value "jsn"`},
		"keys that contradict": {"version = 1\n[[post]]\nname = \"a\"\nkind = \"file\"\npath = \"x\"\nappend = true\nformat = \"text\"\n",
			`f:2: append = true needs format = "digest"`},
		"one table":              {"version = 1\n[post]\nname = \"a\"\n", `f:2: post must be a list of tables`},
		"a heartbeat without":    {"version = 1\n[heartbeat]\n", `f:2: [heartbeat] has no url`},
		"a heartbeat with a URL": {"version = 1\n[heartbeat]\nurl = \"https://beat.example/secret\"\n", `f:3: url is a string`},
		"two failing URLs": {"version = 1\n[heartbeat]\nurl = {env=\"A\"}\nfail_url = {env=\"B\"}\nstyle = \"healthchecks\"\n",
			`f:4: style = "healthchecks" has a fail_url already`},
	} {
		_, err := Parse("f", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "/secret") {
			t.Errorf("%s: the secret is repeated: %v", name, err)
		}
	}
}

func TestTheSchemaHasTheKeysOfEveryKind(t *testing.T) {
	t.Parallel()
	var document struct {
		Properties struct {
			Post struct {
				Items struct {
					OneOf []struct {
						Properties map[string]any `json:"properties"`
					} `json:"oneOf"`
				} `json:"items"`
			} `json:"post"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	for n, kind := range notify.Kinds {
		got := slices.Sorted(maps.Keys(document.Properties.Post.Items.OneOf[n].Properties))
		if diff := cmp.Diff(slices.Sorted(slices.Values(postKeys(kind))), got); diff != "" {
			t.Errorf("%s (-parser +schema):\n%s", kind.Name, diff)
		}
	}
}

package api

import (
	"testing"

	"guestlist/providers/github/lenient"
)

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"total_count":1,"installations":[{"id":1,"permissions":{"a":"read"}}]}`), "installations")
	f.Add([]byte(`[{"credential_id":1,"scopes":"a,b"}]`), "")
	f.Add([]byte(`[{"id":"x","config":{"url":1}},null,[],7]`), "")
	f.Add([]byte(`{"total_count":{},"repositories":{}}`), "repositories")
	f.Fuzz(func(t *testing.T, body []byte, envelope string) {
		entries, total, err := decodePage(body, envelope)
		if total < -1 {
			t.Errorf("a total of %d", total)
		}
		if err != nil && entries != nil {
			t.Errorf("%d entries of a page that is none", len(entries))
		}
		for _, entry := range entries {
			if key := entryKey(entry); key != "" && entry.Kind() != '{' {
				t.Errorf("%s has the key %q", entry, key)
			}
		}
	})
}

// named is an object that its login proves.
type named struct {
	Login lenient.Text `json:"login"`
}

func (n *named) IsProven() bool { return n.Login != "" }

func FuzzObject(f *testing.F) {
	for _, body := range []string{"null", "{}", "[]", "7", `"x"`, `{"message":"Not Found"}`,
		`{"id":1,"login":"acme","plan":null}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if into := new(named); decodeObject(body, into) == nil && !into.IsProven() {
			t.Errorf("%q is taken for an object", body)
		}
	})
}

package webext

import (
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestAMessageHoldsItsPlaceholders(t *testing.T) {
	t.Parallel()
	const placeholders = `"placeholders":{"App":{"content":"Mail"},"ONE":{"content":"$1"},"odd":7,"none":{}}`
	tests := []struct{ name, value, want string }{
		{"none", `{"message":"Mail"}`, "Mail"},
		{"in any case", `{"message":"$app$ and $APP$",` + placeholders + `}`, "Mail and Mail"},
		{"before the text", `{` + placeholders + `,"message":"$app$"}`, "Mail"},
		{"whose content is an argument", `{"message":"to $one$",` + placeholders + `}`, "to $1"},
		{"that is empty", `{"message":"a$none$b$odd$c",` + placeholders + `}`, "abc"},
		{"that nothing defines", `{"message":"$other$ $app$",` + placeholders + `}`, "$other$ Mail"},
		{"a dollar sign", `{"message":"$$5 or $6 of $app$",` + placeholders + `}`, "$5 or $6 of Mail"},
		{"placeholders of another type", `{"message":"$app$","placeholders":[]}`, "$app$"},
		{"text of another type", `{"message":7,` + placeholders + `}`, ""},
		{"no message", `{"description":"x"}`, ""},
		{"no object", `"Mail"`, ""},
		{"nothing", ``, ""},
	}
	for _, test := range tests {
		if got := Message(jsontext.Value(test.value)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestReferencesAreReplacedByTheirMessages(t *testing.T) {
	t.Parallel()
	found := References("__MSG_appName__ for __MSG_who@1__", "plain __MSG__", "__MSG_a b__")
	if len(found) != 2 {
		t.Fatalf("wanted %q", found)
	}
	found["appname"] = "Notes"
	if got := Localize("__MSG_APPNAME__ for __MSG_who@1__", found); got != "Notes for __MSG_who@1__" {
		t.Errorf("got %q", got)
	}
}

func TestMessagesAreLookedForInTheUsersLanguageFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		user, fallback string
		want           []string
	}{
		{"", "fr", []string{"fr", "en"}},
		{"de_AT.UTF-8@euro", "en", []string{"de_AT", "de", "en"}},
		{"pt-BR", "pt_BR", []string{"pt_BR", "pt", "en"}},
		{"", "zh-Hant", []string{"zh-Hant", "en"}}, // as Firefox spells it
		{"C.UTF-8", "../..", []string{"en"}},
	}
	for _, test := range tests {
		if got := Locales(test.user, test.fallback); !slices.Equal(got, test.want) {
			t.Errorf("%q, %q: %q, want %q", test.user, test.fallback, got, test.want)
		}
	}
}

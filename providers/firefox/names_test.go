package firefox

import (
	"testing"

	"guestlist/scanner/inventory"
)

func TestANameIsInTheUsersLanguage(t *testing.T) {
	t.Parallel()
	a := &addon{
		locale: defaultLocale{Name: "Notes", Creator: "Acme", Description: "Keeps notes"},
		locales: []byte(`[{"name":"Notizen","locales":["de"]}, 7, {"name":"Notizen (AT)","locales":["de-AT","de-CH"]},
			{"name":"Notas","description":"Guarda notas","locales":["pt-BR"]}, {"name":null,"locales":["fr"]}, {"name":[],"locales":["de-AT"]}]`),
	}
	tests := []struct{ language, name, description string }{
		{"", "Notes", "Keeps notes"},
		{"C.UTF-8", "Notes", "Keeps notes"},
		{"de", "Notizen", "Keeps notes"},
		{"de_DE.UTF-8@euro", "Notizen", "Keeps notes"},
		{"de_AT", "Notizen (AT)", "Keeps notes"},
		{"pt_PT", "Notas", "Guarda notas"},
		{"fr_FR", "Notes", "Keeps notes"}, // its text for the language has no name
		{"it", "Notes", "Keeps notes"},
	}
	for _, test := range tests {
		got := a.textIn(test.language)
		if got.Name != test.name || got.Description != test.description || got.Creator != "Acme" {
			t.Errorf("in %q: %+v, want %q and %q", test.language, got, test.name, test.description)
		}
	}
}

func TestAListedNameIsInTheUsersLanguage(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+extensionsFile, withEntry(`"defaultLocale":{"name":"Notes"},"locales":[{"name":"Notizen","locales":["de"]},{"name":"Notas","locales":["pt"]}]`))
	env := h.env()
	env.Locale = "de_AT"
	items, _ := collect(t, env)
	if len(items) != 1 || items[0].App.Name != "Notizen" {
		t.Errorf("items are %+v", items)
	}
}

// An add-on that no list of the browser names keeps its name in its messages.
func TestANameOutOfTheMessages(t *testing.T) {
	t.Parallel()
	const manifest = `{"manifest_version":2,"name":"__MSG_extName__","author":"__MSG_who__","version":"1","default_locale":"en"}`
	tests := []struct {
		name, manifest, language, messages string
		want                               inventory.Untrusted
	}{
		{"in-its-default-language", manifest, "", `{"EXTNAME":{"message":"Notes"}}`, "Notes"},
		{"where-the-user's-language-has-no-messages", manifest, "fr_FR.UTF-8",
			"\xEF\xBB\xBF// made\n" + `{"extname":{"message":"Notes"}}`, "Notes"},
		{"in-the-user's-language", manifest, "de_AT.UTF-8", `{"extName":{"message":"Notes"}}`, "Notizen"},
		{"with-a-placeholder", manifest, "", `{"extName":{"message":"$App$ for work","placeholders":{"app":{"content":"Notes"}}}}`, "Notes for work"},
		{"within-a-text", `{"manifest_version":2,"name":"Acme __MSG_extName__","version":"1","default_locale":"en"}`, "",
			`{"extName":{"message":"Notes"}}`, "Acme Notes"},
		{"in-a-language-and-region", manifest, "pt-BR", `{"extName":{"message":"Notes"}}`, "Notas"},
		{"without-such-a-message", manifest, "", `{"other":{"message":"x"}}`, ""},
		{"with-messages-that-are-broken", manifest, "", `{"extName":{"message":7},"x":[`, ""},
		{"with-a-default-language-that-leads-elsewhere", `{"name":"__MSG_a__","default_locale":"../.."}`, "", `{}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+"extensions/new@acme.example.xpi", packed(t, manifestFile, test.manifest,
				"_locales/en/messages.json", test.messages, "_locales/de/messages.json", `{"extName":{"message":"Notizen"}}`,
				"_locales/pt_BR/messages.json", `{"extName":{"message":"Notas"}}`))
			env := h.env()
			env.Locale = test.language
			items, coverage := collect(t, env)
			if len(items) != 2 || len(coverage[0].Details) != 1 {
				t.Fatalf("items %+v, coverage %+v", items, coverage)
			}
			if got := items[0].App; got.ID != "new@acme.example" || got.Name != test.want {
				t.Errorf("app is %+v, want the name %q", got, test.want)
			}
		})
	}
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"extName":{"message":"Notes","description":"x"},"a":7}`))
	f.Add([]byte("// made\n{\"a\":{\"message\":\"\\ud800\"}"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		wanted := map[string]string{"extname": ""}
		parseMessages(data, wanted)
		if len(wanted) != 1 {
			t.Errorf("messages that nobody wants: %q", wanted)
		}
	})
}

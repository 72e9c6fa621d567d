package webext

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
)

// MaxMessages bounds a messages.json, in bytes.
const MaxMessages = 4 << 20

// messageName matches a reference to a message ("__MSG_appName__"), in a string of the manifest.
var messageName = regexp.MustCompile(`__MSG_([A-Za-z0-9_@]+?)__`)

// maxLocale bounds a locale, in bytes.
const maxLocale = 35

// localeName matches what may name a directory below _locales.
var localeName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// HasReferences reports whether a string still refers to messages.
func HasReferences(text string) bool { return strings.Contains(text, "__MSG_") }

// IsReference reports whether a string is nothing but one reference: a key without its message,
// which is no name for an extension.
func IsReference(text string) bool {
	found := messageName.FindStringIndex(text)
	return found != nil && found[0] == 0 && found[1] == len(text)
}

// References returns the names of the messages that the strings refer to, in lower case, as they
// are compared.
func References(texts ...string) map[string]string {
	wanted := map[string]string{}
	for _, text := range texts {
		for _, found := range messageName.FindAllStringSubmatch(text, -1) {
			wanted[strings.ToLower(found[1])] = ""
		}
	}
	return wanted
}

// Localize replaces the references in a string by the messages found. A reference without a message
// stays as it is.
func Localize(text string, messages map[string]string) string {
	if !HasReferences(text) {
		return text
	}
	return messageName.ReplaceAllStringFunc(text, func(reference string) string {
		name := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(reference, "__MSG_"), "__"))
		if message := messages[name]; message != "" {
			return message
		}
		return reference
	})
}

// Locales returns the directories below _locales in the order in which the browser would look: the
// user's language, its base language, the extension's default, English.
func Locales(user, fallback string) []string {
	user, _, _ = strings.Cut(user, ".")
	user, _, _ = strings.Cut(user, "@")
	user = strings.ReplaceAll(user, "-", "_")
	base, _, _ := strings.Cut(user, "_")
	var order []string
	for _, name := range []string{user, base, fallback, "en"} {
		if len(name) <= maxLocale && localeName.MatchString(name) && name != "C" && name != "POSIX" &&
			!slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	return order
}

// Message reads one message and fills in its placeholders: {"message": "$app$ for work",
// "placeholders": {"app": {"content": "Mail"}}}. It is empty for anything not in that shape.
func Message(value jsontext.Value) string {
	var read struct {
		Message      jsontext.Value `json:"message"`
		Placeholders jsontext.Value `json:"placeholders"`
	}
	if !decode(value, '{', &read) {
		return ""
	}
	var text string
	decode(read.Message, '"', &text)
	if !strings.Contains(text, "$") {
		return text
	}
	var named map[string]jsontext.Value
	decode(read.Placeholders, '{', &named)
	contents := map[string]string{}
	for name, placeholder := range named {
		var of struct {
			Content jsontext.Value `json:"content"`
		}
		var content string
		_ = decode(placeholder, '{', &of) && decode(of.Content, '"', &content)
		contents[strings.ToLower(name)] = content
	}
	return fill(text, contents)
}

// decode reads a value of one kind, and reports whether it is of the given kind.
func decode(value jsontext.Value, kind jsontext.Kind, into any) bool {
	return value.Kind() == kind && json.Unmarshal(value, into, json.JoinOptions(localprofile.JSONOptions...)) == nil
}

// fill replaces $name$ in a message; "$$" is a dollar sign.
func fill(text string, placeholders map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "$")
		content, known := placeholders[strings.ToLower(name)]
		switch {
		case closed && name == "":
			b.WriteByte('$')
			text = after
		case closed && known:
			b.WriteString(content)
			text = after
		default:
			b.WriteByte('$')
			text = rest
		}
	}
}

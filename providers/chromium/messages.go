package chromium

import (
	"regexp"
	"slices"
	"strings"
)

const maxMessages = 4 << 20 // bytes

// messageName matches a reference to a message ("__MSG_appName__"), in a text of the manifest.
var messageName = regexp.MustCompile(`__MSG_([A-Za-z0-9_@]+?)__`)

// localeName matches what may name a folder below _locales.
var localeName = regexp.MustCompile(`^[A-Za-z0-9_]{1,32}$`)

// needsMessages reports whether a text still refers to messages.
func needsMessages(text string) bool { return strings.Contains(text, "__MSG_") }

// wantedMessages returns the names of the messages that the texts refer to, in lower case, as they are compared.
func wantedMessages(texts ...string) map[string]string {
	wanted := map[string]string{}
	for _, text := range texts {
		for _, found := range messageName.FindAllStringSubmatch(text, -1) {
			wanted[strings.ToLower(found[1])] = ""
		}
	}
	return wanted
}

// localize replaces the references in a text by the messages found. One without a message stays as it is.
func localize(text string, messages map[string]string) string {
	if !needsMessages(text) {
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

// locales returns the folders below _locales in the order in which the browser would look: the user's language, its base
// language, the extension's default, English.
func locales(user, fallback string) []string {
	user, _, _ = strings.Cut(user, ".")
	user, _, _ = strings.Cut(user, "@")
	user = strings.ReplaceAll(user, "-", "_")
	base, _, _ := strings.Cut(user, "_")
	var order []string
	for _, name := range []string{user, base, fallback, "en"} {
		if localeName.MatchString(name) && name != "C" && name != "POSIX" && !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	return order
}

// parseMessages reads a messages.json and fills in the wanted messages that have none yet. Keys are compared without case.
func (r *reader) parseMessages(data []byte, scratch *[]byte, wanted map[string]string) error {
	return r.lenient(data, scratch, func() error {
		return r.document(func(name string) error {
			key := strings.ToLower(name)
			if known, ok := wanted[key]; !ok || known != "" {
				return r.skip()
			}
			text, err := r.message()
			wanted[key] = text
			return err
		})
	})
}

// message reads one message and puts its placeholders in: {"message": "$app$ for work", "placeholders": {"app": {"content": "Mail"}}}.
func (r *reader) message() (string, error) {
	var text string
	var placeholders []string
	_, err := r.object(func(name string) error {
		switch name {
		case "message":
			return r.text(&text)
		case "placeholders":
			_, err := r.object(func(name string) error {
				var content string
				_, err := r.object(func(member string) error {
					if member == "content" {
						return r.optionalText(&content)
					}
					return r.skip()
				})
				placeholders = append(placeholders, strings.ToLower(name), content)
				return err
			})
			return err
		}
		return r.skip()
	})
	return fill(text, placeholders), err
}

// fill replaces $name$ in a message; "$$" is a dollar sign.
func fill(text string, placeholders []string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "$")
		content, known := lookUp(placeholders, strings.ToLower(name))
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

func lookUp(pairs []string, name string) (string, bool) {
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n] == name {
			return pairs[n+1], true
		}
	}
	return "", false
}

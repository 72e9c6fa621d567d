package googleworkspace

import (
	"regexp"
	"strings"
)

const clientSuffix = ".apps.googleusercontent.com"

// bareClient is a client ID without its suffix: a project number, alone or with the client's own
// part. Longer numbers are service accounts and other identities, which have no suffix.
var bareClient = regexp.MustCompile(`^[0-9]{6,15}(-[0-9a-z]{6,64})?$`)

// normalizeClientID normalizes an OAuth client ID: without surrounding space, and with the suffix
// ".apps.googleusercontent.com" where Google omitted it. Other IDs, such as the domain of an
// anonymous client, stay as they are.
func normalizeClientID(id string) string {
	id = strings.TrimSpace(id)
	lower := strings.ToLower(id)
	switch {
	case strings.HasSuffix(lower, clientSuffix):
		return lower
	case bareClient.MatchString(lower):
		return lower + clientSuffix
	}
	return id
}

// projectOf returns the project number at the start of a normalized client ID.
func projectOf(id string) string {
	bare, found := strings.CutSuffix(id, clientSuffix)
	if !found {
		return ""
	}
	number, _, _ := strings.Cut(bare, "-")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

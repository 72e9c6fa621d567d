package cli

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/cmd/internal/config"
	"guestlist/scanner"
)

// variableGroup is a group of environment variables with one purpose.
type variableGroup struct {
	title string
	list  []scanner.Variable
}

// variables lists all that guestlist and its libraries look up, by purpose, and what it gives to
// commands. The manual
// (cmd/guestlist/doc.go) repeats them; a house test finds one that is looked up and not listed
// here.
func variables() []variableGroup {
	credentials := variableGroup{title: "Credentials, where guestlist.toml names none"}
	for _, v := range config.Vendors() {
		credentials.list = append(credentials.list, v.Variables...)
	}
	return slices.Insert(slices.Clone(variableGroups), placeOfCredentials, credentials)
}

// placeOfCredentials is the place of the vendors' variables among the groups.
const placeOfCredentials = 2

var variableGroups = []variableGroup{
	{"Where guestlist keeps and finds its files", []scanner.Variable{
		{Name: "GUESTLIST_CONFIG", About: "the configuration file, in place of guestlist.toml in the configuration directory"},
		{Name: "GUESTLIST_STATE_DIR", About: "the state directory, in place of the usual one"},
		{Name: "STATE_DIRECTORY", About: "Linux: the state directory that systemd made for a service; of several, the first"},
		{Name: "CONFIGURATION_DIRECTORY", About: "Linux: the configuration directory that systemd made for a service; of several, the first"},
		{Name: "CREDENTIALS_DIRECTORY", About: "Linux: the directory of the secrets that systemd passes to a service"},
		{Name: "XDG_STATE_HOME", About: "the state directory is guestlist below it (default: ~/.local/state)"},
		{Name: "XDG_CONFIG_HOME", About: "the configuration directory is guestlist below it (default: ~/.config); " +
			"Linux browsers keep profiles there, too"},
		{Name: "LOCALAPPDATA", About: "Windows: the state directory is guestlist below it"},
		{Name: "APPDATA", About: "Windows: the configuration directory is guestlist below it; gcloud keeps its credentials there, too"},
		{Name: "HOME", About: "the home directory whose browsers are read, and the start of every default above"},
		{Name: "USERPROFILE", About: "Windows: the same as HOME elsewhere"},
		{Name: "TMPDIR", About: "where temporary files go (Windows: TMP, TEMP)"},
	}},
	{"Where browsers keep profiles, on Linux", []scanner.Variable{
		{Name: "XDG_DATA_HOME", About: "the directory that some browsers use in place of ~/.local/share"},
		{Name: "CHROME_CONFIG_HOME", About: "the directory that Chrome and Chromium use in place of ~/.config"},
		{Name: "CHROME_USER_DATA_DIR", About: "the user data directory of Chrome and Chromium"},
	}},
	{"What a person sees", []scanner.Variable{
		{Name: "NO_COLOR", About: "no colour, unless it is empty; --color decides before it"},
		{Name: "TERM", About: "no colour and no pager if it is dumb"},
		{Name: "GUESTLIST_PAGER", About: "the program that shows a report longer than the terminal, with its arguments; cat for none"},
		{Name: "PAGER", About: "the same, where GUESTLIST_PAGER is not set"},
		{Name: "LESS", About: "the options of less, which are FRX where none are set"},
		{Name: "LV", About: "the same for lv, which is -c"},
		{Name: "LC_ALL", About: "the language that extensions' names are shown in"},
		{Name: "LC_MESSAGES", About: "the same, where LC_ALL is not set"},
		{Name: "LANG", About: "the same, where neither is set"},
	}},
	{"The network and Go's runtime, as in every Go program", []scanner.Variable{
		{Name: "HTTPS_PROXY", About: "the proxy for requests to vendors"},
		{Name: "NO_PROXY", About: "hosts that are reached without it"},
		{Name: "SSL_CERT_FILE", About: "Linux: the certificate authorities to trust, in a file"},
		{Name: "SSL_CERT_DIR", About: "Linux: the same, in directories"},
		{Name: "GOGC", About: "how often memory is collected; guestlist then leaves it alone"},
	}},
	{"What the command of a channel gets", []scanner.Variable{
		{Name: "GUESTLIST_MESSAGE_ID", About: "the message's id, the same when it is handed over again"},
		{Name: "GUESTLIST_CHANNEL", About: "the channel's name in guestlist.toml"},
		{Name: "GUESTLIST_OCCASION", About: "news, reminder or test"},
		{Name: "GUESTLIST_CONTENT_TYPE", About: "the media type of what is on its standard input"},
		{Name: "PATH", About: "as guestlist has it, like HOME, LANG, LC_ALL and TMPDIR"},
	}},
}

// environmentPage lists all variables.
func environmentPage(width int) string {
	var page strings.Builder
	page.WriteString(wrapParagraph("A flag wins over a variable. guestlist.toml may name further variables to read secrets from: "+
		"token = { env = \"NAME\" }.", width))
	for _, group := range variables() {
		page.WriteString("\n" + wrapParagraph(group.title+":", width))
		for _, v := range group.list {
			fmt.Fprintf(&page, "\n%s%s", indented(v.Name, 1, width), indented(v.About, 2, width))
		}
	}
	return page.String()
}

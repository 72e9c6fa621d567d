package cli

import (
	"fmt"
	"strings"
)

// variable is an environment variable that changes what guestlist does.
type variable struct{ name, about string }

// variables are all that guestlist and the libraries in it look up, by what they are for. The manual
// (cmd/guestlist/doc.go) repeats them; a rule of the house finds one that is looked up and not here.
var variables = []struct {
	title string
	list  []variable
}{
	{"Where guestlist keeps and finds its files", []variable{
		{"GUESTLIST_CONFIG", "the configuration file, in place of guestlist.toml in the configuration directory"},
		{"GUESTLIST_STATE_DIR", "the state directory, in place of the usual one"},
		{"STATE_DIRECTORY", "Linux: the state directory that systemd made for a service; of several, the first"},
		{"CONFIGURATION_DIRECTORY", "Linux: the configuration directory that systemd made for a service; of several, the first"},
		{"XDG_STATE_HOME", "the state directory is guestlist below it (default: ~/.local/state)"},
		{"XDG_CONFIG_HOME", "the configuration directory is guestlist below it (default: ~/.config); " +
			"Linux browsers keep profiles there, too"},
		{"LOCALAPPDATA", "Windows: the state directory is guestlist below it"},
		{"APPDATA", "Windows: the configuration directory is guestlist below it; gcloud keeps its credentials there, too"},
		{"HOME", "the home directory whose browsers are read, and the start of every default above"},
		{"USERPROFILE", "Windows: the same as HOME elsewhere"},
		{"TMPDIR", "where temporary files go (Windows: TMP, TEMP)"},
	}},
	{"Where browsers keep profiles, on Linux", []variable{
		{"XDG_DATA_HOME", "the directory that some browsers use in place of ~/.local/share"},
		{"CHROME_CONFIG_HOME", "the directory that Chrome and Chromium use in place of ~/.config"},
		{"CHROME_USER_DATA_DIR", "the user data directory of Chrome and Chromium"},
	}},
	{"Credentials, where guestlist.toml names none", []variable{
		{"GH_TOKEN", "a token for github.com and ghe.com; gh auth token is asked only without one"},
		{"GITHUB_TOKEN", "the same, after GH_TOKEN"},
		{"GH_ENTERPRISE_TOKEN", "a token for GitHub Enterprise Server"},
		{"GITHUB_ENTERPRISE_TOKEN", "the same, after GH_ENTERPRISE_TOKEN"},
		{"GOOGLE_APPLICATION_CREDENTIALS", "the file of Google's application default credentials"},
		{"CLOUDSDK_CONFIG", "gcloud's directory, where that file is otherwise looked for"},
	}},
	{"What a person sees", []variable{
		{"NO_COLOR", "no colour, unless it is empty; --color decides before it"},
		{"TERM", "no colour and no pager if it is dumb"},
		{"GUESTLIST_PAGER", "the program that shows a report longer than the terminal, with its arguments; cat for none"},
		{"PAGER", "the same, where GUESTLIST_PAGER is not set"},
		{"LESS", "the options of less, which are FRX where none are set"},
		{"LV", "the same for lv, which is -c"},
		{"LC_ALL", "the language that extensions' names are shown in"},
		{"LC_MESSAGES", "the same, where LC_ALL is not set"},
		{"LANG", "the same, where neither is set"},
	}},
	{"The network and Go's runtime, as in every Go program", []variable{
		{"HTTPS_PROXY", "the proxy for requests to Google and GitHub"},
		{"NO_PROXY", "hosts that are reached without it"},
		{"SSL_CERT_FILE", "Linux: the certificate authorities to trust, in a file"},
		{"SSL_CERT_DIR", "Linux: the same, in directories"},
		{"GOGC", "how often memory is collected; guestlist then leaves it alone"},
	}},
}

// environmentPage lists all variables.
func environmentPage(width int) string {
	var page strings.Builder
	page.WriteString(wrapParagraph("A flag wins over a variable. guestlist.toml may name further variables to read secrets from: "+
		"token = { env = \"NAME\" }.", width))
	for _, group := range variables {
		fmt.Fprintf(&page, "\n%s:\n", group.title)
		for _, v := range group.list {
			fmt.Fprintf(&page, "\n%s%s", indented(v.name, 1, width), indented(v.about, 2, width))
		}
	}
	return page.String()
}

package schedule

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// launchdUmask is the umask of a job, 077, as launchd reads it: in decimal.
const launchdUmask = 0o077

// rootHome is the home directory of root on macOS. launchd gives a daemon none, and guestlist would
// then have nowhere to keep its state.
const rootHome = "/var/root"

// launchd writes a property list as launchd.plist(5) defines it. A run that was missed because the
// machine slept is made up for when it wakes.
func launchd(j *Job) ([]File, error) {
	var list propertyList
	list.WriteString(xml.Header)
	list.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n")
	list.WriteString("<!-- " + markerText + " -->\n<plist version=\"1.0\">\n<dict>\n")
	list.text("Label", j.Name)
	list.WriteString("\t<key>ProgramArguments</key>\n\t<array>\n")
	for _, word := range append([]string{j.Program}, j.Args...) {
		list.WriteString("\t\t<string>" + escapeXML(word) + "</string>\n")
	}
	list.WriteString("\t</array>\n")
	list.calendar(j.When.moved(j.Spread, j.Seed))
	list.text("ProcessType", "Background")
	list.integer("Umask", launchdUmask)
	if j.System {
		list.WriteString("\t<key>EnvironmentVariables</key>\n\t<dict>\n\t\t<key>HOME</key>\n\t\t<string>" + rootHome +
			"</string>\n\t</dict>\n")
	}
	if j.Log != "" {
		list.text("StandardOutPath", j.Log)
		list.text("StandardErrorPath", j.Log)
	}
	list.WriteString("</dict>\n</plist>\n")
	return []File{{Name: j.Name + ".plist", Text: list.String()}}, nil
}

// propertyList is the text of a property list.
type propertyList struct{ strings.Builder }

func (p *propertyList) text(key, value string) {
	fmt.Fprintf(p, "\t<key>%s</key>\n\t<string>%s</string>\n", key, escapeXML(value))
}

func (p *propertyList) integer(key string, value int) {
	fmt.Fprintf(p, "\t<key>%s</key>\n\t<integer>%d</integer>\n", key, value)
}

// calendar writes when the job runs: a dictionary for each day. What a dictionary does not name is
// every one.
func (p *propertyList) calendar(when When) {
	p.WriteString("\t<key>StartCalendarInterval</key>\n\t<array>\n")
	days := []int{-1} // every day
	if len(when.Days) > 0 && !when.Hourly {
		days = nil
	}
	for _, day := range when.Days {
		days = append(days, int(day))
	}
	for _, day := range days {
		p.WriteString("\t\t<dict>\n")
		if day >= 0 {
			fmt.Fprintf(p, "\t\t\t<key>Weekday</key>\n\t\t\t<integer>%d</integer>\n", day)
		}
		if !when.Hourly {
			fmt.Fprintf(p, "\t\t\t<key>Hour</key>\n\t\t\t<integer>%d</integer>\n", when.Hour)
		}
		fmt.Fprintf(p, "\t\t\t<key>Minute</key>\n\t\t\t<integer>%d</integer>\n\t\t</dict>\n", when.Minute)
	}
	p.WriteString("\t</array>\n")
}

func escapeXML(text string) string {
	var escaped strings.Builder
	xml.EscapeText(&escaped, []byte(text)) // a builder does not fail
	return escaped.String()
}

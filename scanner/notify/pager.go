package notify

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// Pagers wake people, so they are told less than other channels: an alert for each thing that is
// urgent enough and for each source that cannot be read, and its end.

// Bounds of one digest: the alerts, of which one more says how many are left out, and the ends.
const (
	maxAlerts = 20
	maxEnds   = 100
)

// urgencyKey is the key that says what is urgent enough.
var urgencyKey = Key{Name: "from", Type: TextKey, Example: `"high"`,
	About: "the lowest severity that alerts (default: critical); a source that cannot be read always does",
	OneOf: levelNames()}

func levelNames() []string {
	var names []string
	for _, level := range inventory.Levels() {
		names = append(names, string(level))
	}
	return names
}

// leastUrgency reads the value of urgencyKey.
func leastUrgency(s *Settings) inventory.Level {
	if name := s.Texts[urgencyKey.Name]; name != "" {
		return inventory.Level(name)
	}
	return inventory.Critical
}

// alert is something that a pager is told.
type alert struct {
	key     string // the same for the same thing
	over    bool   // it is over, and the rest is not needed
	summary string
	urgency inventory.Level
	line    *Line // nil: it is about the digest
}

// alerts are what a pager is told of a digest: what is over last.
func (d *Digest) alerts(from inventory.Level) []alert {
	if d.Occasion == Test {
		return []alert{{key: "test", summary: d.subject(), urgency: inventory.Info}, {key: "test", over: true}}
	}
	var all []alert
	left, highest := 0, inventory.Info
	add := func(lines []Line, from inventory.Level) {
		for i := range lines {
			l := &lines[i]
			switch {
			case !l.Urgency.AtLeast(from):
			case len(all) == maxAlerts:
				left, highest = left+1, inventory.MaxLevel(highest, l.Urgency)
			default:
				all = append(all, alert{key: l.ID, summary: l.what(), urgency: l.Urgency, line: l})
			}
		}
	}
	add(d.Act, from)
	add(d.Unread, inventory.Info)
	if d.Occasion == Reminder { // an alert may have been closed by hand
		add(d.Still, from)
	}
	const more = "more"
	if left > 0 {
		all = append(all, alert{key: more, urgency: highest,
			summary: fmt.Sprintf("guestlist: %d more need someone: %s", left, d.Command)})
	} else if d.Occasion == Reminder || d.Clean {
		all = append(all, alert{key: more, over: true})
	}
	return append(all, d.over(from)...)
}

// over are the ends of alerts: of what is gone, and of sources that are read again. A service
// ignores the end of an alert that there was none of, so what became less urgent is ended as well;
// but what surely alerted comes first.
func (d *Digest) over(from inventory.Level) []alert {
	var sure, maybe []alert
	for i := range d.Gone {
		if end := (alert{key: d.Gone[i].ID, over: true}); d.Gone[i].Urgency.AtLeast(from) {
			sure = append(sure, end)
		} else {
			maybe = append(maybe, end)
		}
	}
	for i := range d.Changes {
		if l := &d.Changes[i]; l.Kind == "source" || l.Kind == "scan" {
			sure = append(sure, alert{key: l.ID, over: true})
		}
	}
	all := append(sure, maybe...)
	return all[:min(len(all), maxEnds)]
}

// fit cuts a text to a limit that counts characters as the units of UTF-16, the largest of the
// counts that services use.
func fit(text string, limit int) string {
	for most := limit; ; {
		short := cut(text, most)
		over := utf16Length(short) - limit
		if over <= 0 {
			return short
		}
		most -= over
	}
}

// alertKey is the key of an alert at the service: the readable one if it is short and plain,
// otherwise its digest.
func alertKey(key string) string {
	const longest = 100
	if len(key) <= longest && asAtom(key) == key {
		return "guestlist/" + key
	}
	return fmt.Sprintf("guestlist/%x", sha256.Sum256([]byte(key)))
}

// details are an alert's facts, by their names for people.
func (a *alert) details(d *Digest) map[string]string {
	facts := map[string]string{"Scan": d.Finished.UTC().Format("2 Jan 2006 15:04 UTC"), "Host": d.Host.String()}
	if len(d.Verdict) > 0 {
		facts["Verdict"] = d.Verdict[0].String()
	}
	if a.line != nil {
		for name, text := range map[string]inventory.Untrusted{"Name": a.line.Title, "Kind": a.line.Kind, "Where": a.line.Where,
			"Why": a.line.Why, "Change": a.line.Change, "Remedy": a.line.Remedy,
			"Provider": inventory.Textf("%s", a.line.Provider)} {
			facts[name] = text.String()
		}
	}
	facts["Questions"], facts["Everything"] = d.Contact.String(), d.Command.String()
	for name, text := range facts {
		if text = fit(strings.TrimSpace(text), maxTextWords); text == "" {
			delete(facts, name)
		} else {
			facts[name] = text
		}
	}
	return facts
}

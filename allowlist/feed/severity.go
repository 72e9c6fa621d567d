package feed

import (
	"slices"
	"strings"
	"unicode"

	"guestlist/scanner/inventory"
)

// severities maps the words that feeds use to levels. A word counts where one of the text begins
// with it; one that ends with a space is a whole word. The first row with a word in the text decides.
var severities = []struct {
	level inventory.Level
	words []string
}{
	{inventory.Critical, []string{"malware", "spyware", "theft", "steal", "stealer", "credential", "trojan", "backdoor",
		"ransom", "session hijack", "phishing", "keylog", "exfiltrat", "infostealer", "botnet"}},
	{inventory.High, []string{"policy", "unwanted", "bundling", "adware", "hijack", "fraud", "mining", "miner",
		"cryptojacking", "malvertising", "impersonat", "fake", "scraper", "tracking"}},
	{inventory.Medium, []string{"sold ", "ownership transfer", "transferred", "acquired", "unmaintained", "abandoned",
		"vulnerable", "outdated", "deprecated", "delisted"}},
}

// severityOf returns the level that a feed states, or the one its reason implies; empty if there is
// neither.
func severityOf(severity string, reason inventory.Untrusted) inventory.Level {
	if level, err := inventory.ParseLevel(strings.ToLower(severity)); err == nil {
		return level
	}
	words := " " + strings.Join(strings.FieldsFunc(strings.ToLower(string(reason)),
		func(r rune) bool { return !unicode.IsLetter(r) }), " ") + " "
	for _, row := range severities {
		if slices.ContainsFunc(row.words, func(word string) bool { return strings.Contains(words, " "+word) }) {
			return row.level
		}
	}
	return ""
}

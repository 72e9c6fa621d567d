package schedule

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
)

// When is how often a job runs, in local time.
type When struct {
	// Hourly runs it at Minute of every hour; Days and Hour are then unused.
	Hourly bool
	// Days are the days of the week, Sunday first; none means all.
	Days         []time.Weekday
	Hour, Minute int
}

// DefaultAt is the time of day of a job that was not given one: before the working day, and not at
// midnight, when everything else runs.
const DefaultAt = "06:30"

// often are the words for how often, and the days that they mean.
var often = []struct {
	word, also string
	about      string
	hourly     bool
	days       []time.Weekday
}{
	{word: "day", also: "daily", about: "every day"},
	{word: "hour", also: "hourly", about: "every hour", hourly: true},
	{word: "week", also: "weekly", about: "every Monday", days: []time.Weekday{time.Monday}},
	{word: "weekday", also: "weekdays", about: "Monday to Friday", days: []time.Weekday{
		time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}},
	{word: "monday", days: []time.Weekday{time.Monday}},
	{word: "tuesday", days: []time.Weekday{time.Tuesday}},
	{word: "wednesday", days: []time.Weekday{time.Wednesday}},
	{word: "thursday", days: []time.Weekday{time.Thursday}},
	{word: "friday", days: []time.Weekday{time.Friday}},
	{word: "saturday", days: []time.Weekday{time.Saturday}},
	{word: "sunday", days: []time.Weekday{time.Sunday}},
}

// Often lists the words for how often a job runs, with what they mean where they do not say it.
func Often() (words, about []string) {
	for _, row := range often {
		words, about = append(words, row.word), append(about, row.about)
	}
	return words, about
}

// IsOften reports whether a word says how often, in one of its forms: "day" or "daily".
func IsOften(word string) bool {
	for _, row := range often {
		if word == row.word || word == row.also && word != "" {
			return true
		}
	}
	return false
}

// ParseWhen reads how often (see [Often]) and at which time of day: "06:30", or for every hour the
// minute ":30". at may be empty.
func ParseWhen(every, at string) (When, error) {
	var when When
	for _, row := range often {
		if every == row.word || every == row.also && every != "" {
			when.Hourly, when.Days = row.hourly, slices.Clone(row.days)
		}
	}
	if at == "" {
		at = DefaultAt
		if when.Hourly {
			at = at[strings.Index(at, ":"):]
		}
	}
	hour, minute, found := strings.Cut(at, ":")
	if when.Hourly && (!found || hour != "") {
		return When{}, errors.New(`must be a minute of the hour, such as ":30"`)
	}
	var err error
	if !when.Hourly {
		if when.Hour, err = number(hour, 24); err != nil || !found {
			return When{}, errors.New(`must be a time of day, such as "06:30"`)
		}
	}
	if when.Minute, err = number(minute, 60); err != nil || len(minute) != 2 {
		return When{}, fmt.Errorf("must have two digits from 00 to 59 after the colon")
	}
	return when, nil
}

// number reads one or two digits of a number below a limit.
func number(text string, below int) (int, error) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || len(text) > 2 || int(n) >= below {
		return 0, errors.New("out of range")
	}
	return int(n), nil
}

// String says when in words.
func (w When) String() string {
	if w.Hourly {
		return fmt.Sprintf("every hour at :%02d", w.Minute)
	}
	at := fmt.Sprintf("at %02d:%02d", w.Hour, w.Minute)
	if len(w.Days) == 0 {
		return "every day " + at
	}
	var names []string
	for _, day := range w.Days {
		names = append(names, day.String())
	}
	return "every " + strings.Join(names, ", ") + " " + at
}

// period is the least time between two runs.
func (w When) period() time.Duration {
	if w.Hourly {
		return time.Hour
	}
	return 24 * time.Hour
}

// moved is w, later by a part of the spread that depends on the seed alone. A time that passes
// midnight moves to the next day.
func (w When) moved(spread time.Duration, seed string) When {
	minutes := uint64(spread / time.Minute)
	if minutes == 0 {
		return w
	}
	hash := fnv.New64a()
	hash.Write([]byte(seed)) // never fails
	w.Minute += int(hash.Sum64() % (minutes + 1))
	if w.Hourly {
		w.Minute %= 60
		return w
	}
	w.Hour += w.Minute / 60
	w.Minute %= 60
	if w.Hour >= 24 {
		w.Hour -= 24
		w.Days = slices.Clone(w.Days)
		for n := range w.Days {
			w.Days[n] = (w.Days[n] + 1) % 7
		}
	}
	return w
}

// durationWords is a length of time without zero units: "1h" and not "1h0m0s".
func durationWords(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

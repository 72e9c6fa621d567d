package allowlist

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Date is a calendar day without a time zone, as TOML writes it: 2026-11-23. The zero value is no
// date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of a moment in UTC.
func DateOf(t time.Time) Date {
	year, month, day := t.UTC().Date()
	return Date{Year: year, Month: month, Day: day}
}

// ParseDate reads 2026-11-23.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date, such as 2026-11-23", inventory.Untrusted(text))
	}
	return DateOf(t), nil
}

// String returns the date as 2026-11-23, and "" for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText is the date as [Date.String] writes it.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// IsZero reports whether d is the zero value, no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders dates; no date comes first.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Start is the first moment of the day in UTC.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Add returns the date days later.
func (d Date) Add(days Days) Date { return DateOf(d.Start().AddDate(0, 0, int(days))) }

// Days is a length of time in whole days. The zero value is none.
type Days int

// maxDays bounds durations: a hundred years, so that a date plus a duration is still a valid date.
const maxDays = 36_525

// ParseDays reads "180d" or "26w".
func ParseDays(text string) (Days, error) {
	unit := 0
	switch {
	case strings.HasSuffix(text, "d"):
		unit = 1
	case strings.HasSuffix(text, "w"):
		unit = 7
	}
	if unit > 0 {
		number, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
		if err == nil && number > 0 && number*uint64(unit) <= maxDays {
			return Days(number) * Days(unit), nil
		}
	}
	return 0, fmt.Errorf(`%q is not a number of days or weeks, such as "180d" or "26w"`, inventory.Untrusted(text))
}

// String returns "180d".
func (d Days) String() string { return strconv.Itoa(int(d)) + "d" }

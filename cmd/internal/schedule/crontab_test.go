package schedule

import (
	"strings"
	"testing"
)

func TestOnlyTheLinesOfTheJobChangeInACrontab(t *testing.T) {
	t.Parallel()
	mine := cronBegin("guestlist") + "30 6 * * * /p scan\n" + cronEnd("guestlist")
	other := cronBegin("guestlist-hourly") + "5 * * * * /p scan\n" + cronEnd("guestlist-hourly")
	for name, c := range map[string]struct{ old, installed, removed string }{
		"none":                  {"", mine, ""},
		"another's":             {"1 1 * * * x\n", "1 1 * * * x\n" + mine, "1 1 * * * x\n"},
		"no-newline-at-the-end": {"1 1 * * * x", "1 1 * * * x\n" + mine, "1 1 * * * x"},
		"an-older-one":          {"a\n" + cronBegin("guestlist") + "x\ny\n" + cronEnd("guestlist") + "b\r\n", "a\n" + mine + "b\r\n", "a\nb\r\n"},
		"two":                   {mine + "a\n" + mine, mine + "a\n", "a\n"},
		"another-job":           {other, other + mine, other},
		"words-that-look-alike": {"# begin guestlist\nx\n# end guestlist\n", "# begin guestlist\nx\n# end guestlist\n" + mine,
			"# begin guestlist\nx\n# end guestlist\n"},
		"no-text": {"\xff\x00\n", "\xff\x00\n" + mine, "\xff\x00\n"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			if got, err := editCrontab([]byte(c.old), "guestlist", mine); err != nil || string(got) != c.installed {
				t.Errorf("installed: %v\n%s", err, got)
			}
			if got, err := editCrontab([]byte(c.old), "guestlist", ""); err != nil || string(got) != c.removed {
				t.Errorf("removed: %v\n%s", err, got)
			}
		})
	}
}

// Where a job's lines have no end, everything that follows could be a person's.
func TestACrontabWithoutTheEndOfTheLinesIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{"", "x\n"} {
		got, err := editCrontab([]byte(cronBegin("guestlist")+"30 6 * * * /p\n1 1 * * * mine\n"), "guestlist", lines)
		if err == nil || got != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestOnlyAPersonWithoutACrontabHasAnEmptyOne(t *testing.T) {
	t.Parallel()
	for complaint, isNone := range map[string]bool{
		"no crontab for finance\n":                                 true,
		"crontab: no crontab for finance\n":                        true,
		"crontab: can't open 'finance': No such file or directory": true,
		"You (finance) are not allowed to use this program":        false,
		"": false,
	} {
		old, err := crontabOf(Answer{Complaint: []byte(complaint)})
		if (err == nil) != isNone || old != nil {
			t.Errorf("%q: %q, %v", complaint, old, err)
		}
	}
}

func FuzzLinesGoInAndOutOfACrontab(f *testing.F) {
	f.Add("1 1 * * * x\n", "y")
	f.Add("# begin guestlist: Written by guestlist schedule\n# end guestlist\n", "")
	f.Add("a\r\n\n# end guestlist\n", "%")
	f.Fuzz(func(t *testing.T, old, command string) {
		command = strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, command)
		lines := cronBegin("guestlist") + "5 * * * * x" + command + "\n" + cronEnd("guestlist")
		base, err := editCrontab([]byte(old), "guestlist", "")
		if err != nil {
			return
		}
		if !strings.Contains(old, "# begin guestlist: "+Marker) && string(base) != old {
			t.Errorf("removing nothing changed %q to %q", old, base)
		}
		installed, err := editCrontab([]byte(old), "guestlist", lines)
		if err != nil || strings.Count(string(installed), lines) != 1 {
			t.Fatalf("%q, %v", installed, err)
		}
		if again, err := editCrontab(installed, "guestlist", lines); err != nil || string(again) != string(installed) {
			t.Errorf("again: %q, %v", again, err)
		}
		removed, err := editCrontab(installed, "guestlist", "")
		if err != nil || string(removed) != string(base) && string(removed) != string(base)+"\n" {
			t.Errorf("removed: %q, %v; want %q", removed, err, base)
		}
	})
}

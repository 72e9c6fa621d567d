package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// maxCronCommand is the longest command of a crontab, in bytes: cron reads no more than 1,000.
const maxCronCommand = 990

// crontab writes the lines of a person's crontab, or the file of a system job in /etc/cron.d, as
// crontab(5) defines them.
func crontab(j *Job) ([]File, error) {
	command := j.shellCommand()
	if len(command) > maxCronCommand {
		return nil, fmt.Errorf("the command takes %d bytes, and cron reads no more than %d", len(command), maxCronCommand)
	}
	line := j.When.moved(j.Spread, j.Seed).cronFields() + " "
	if !j.System {
		return []File{{Name: j.Name + ".crontab", Text: cronBegin(j.Name) + line + command + "\n" + cronEnd(j.Name)}}, nil
	}
	account := "root"
	if j.Account != "" && !j.Homes {
		account = j.Account
	}
	return []File{{Name: j.Name, Text: "# " + markerText + "\n" + line + account + " " + command + "\n"}}, nil
}

// cronFields are the five fields of a time.
func (w When) cronFields() string {
	if w.Hourly {
		return fmt.Sprintf("%d * * * *", w.Minute)
	}
	days := "*"
	for n, day := range w.Days {
		if n == 0 {
			days = fmt.Sprint(int(day))
			continue
		}
		days += fmt.Sprintf(",%d", day)
	}
	return fmt.Sprintf("%d %d * * %s", w.Minute, w.Hour, days)
}

// shellCommand is the command as a shell reads it. It holds no percent sign: some versions of cron
// end the command there and some do not, so that one with a backslash before it is read in two ways.
func (j *Job) shellCommand() string {
	var words []string
	for _, word := range append([]string{j.Program}, j.Args...) {
		words = append(words, quoteShell(word))
	}
	return strings.Join(words, " ")
}

func quoteShell(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.NewReplacer("'", `'\''`, "%", `'"$(printf '\045')"'`).Replace(word) + "'"
}

func cronBegin(name string) string { return "# begin " + name + ": " + markerText + "\n" }
func cronEnd(name string) string   { return "# end " + name + "\n" }

// editCrontab replaces the lines of a job in a crontab by others, or adds them at its end; without
// others they are removed. It changes nothing else.
func editCrontab(old []byte, name, lines string) ([]byte, error) {
	begin, end := []byte("# begin "+name+": "+Marker), []byte(cronEnd(name))
	var edited []byte
	written := lines == ""
	for inside, rest := false, old; len(rest) > 0 || inside; {
		if len(rest) == 0 {
			return nil, fmt.Errorf("the crontab has no line %q: remove the lines of %s by hand",
				inventory.Untrusted(bytes.TrimSpace(end)), name)
		}
		_, after, _ := bytes.Cut(rest, []byte("\n"))
		line := rest[:len(rest)-len(after)] // with its end
		rest = after
		switch {
		case inside:
			inside = !bytes.Equal(bytes.TrimSpace(line), bytes.TrimSpace(end))
		case bytes.HasPrefix(line, begin):
			inside = true
			if !written {
				edited, written = append(edited, lines...), true
			}
		default:
			edited = append(edited, line...)
		}
	}
	if written {
		return edited, nil
	}
	if len(edited) > 0 && !bytes.HasSuffix(edited, []byte("\n")) {
		edited = append(edited, '\n')
	}
	return append(edited, lines...), nil
}

// noCrontab are what crontab says if a person has none, in the C locale.
var noCrontab = []string{"no crontab for", "no such file or directory"}

// crontabOf returns the crontab that "crontab -l" printed.
func crontabOf(answer Answer) ([]byte, error) {
	if answer.OK {
		return answer.Output, nil
	}
	complaint := strings.ToLower(string(answer.Complaint))
	for _, none := range noCrontab {
		if strings.Contains(complaint, none) {
			return nil, nil
		}
	}
	if complaint == "" {
		return nil, errors.New("crontab -l failed, and said nothing")
	}
	return nil, fmt.Errorf("crontab -l failed: %v", inventory.Clean(strings.TrimSpace(string(answer.Complaint)), inventory.MaxNameBytes))
}

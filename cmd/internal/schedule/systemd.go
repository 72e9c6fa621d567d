package schedule

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// scope says which services a directive is for.
type scope int

const (
	everyService  scope = iota
	systemService       // a person's own manager may not do it: it lacks the capability or the namespaces
	accountOnly         // a service of the system that does not run as root
	withoutHomes        // a service of the system that reads no home directories
	withHomes           // one that does
)

// hardening lists what a service may not do, in the order of systemd.exec(5). Nothing here keeps
// guestlist from what it does: it reads files, asks servers, and writes below its state directory.
var hardening = []struct {
	directive, value string
	scope            scope
}{
	{"ProtectSystem", "strict", systemService},
	{"ProtectHome", "yes", withoutHomes},
	{"ProtectHome", "read-only", withHomes},
	{"PrivateTmp", "yes", systemService},
	{"PrivateDevices", "yes", systemService},
	{"PrivateUsers", "yes", accountOnly},
	{"ProtectHostname", "yes", systemService},
	{"ProtectClock", "yes", systemService},
	{"ProtectKernelTunables", "yes", systemService},
	{"ProtectKernelModules", "yes", systemService},
	{"ProtectKernelLogs", "yes", systemService},
	{"ProtectControlGroups", "yes", systemService},
	{"ProtectProc", "invisible", systemService},
	{"ProcSubset", "pid", systemService},
	// What root needs to read a home that is its owner's alone, and nothing else.
	{"CapabilityBoundingSet", "CAP_DAC_READ_SEARCH", withHomes},
	{"CapabilityBoundingSet", "", withoutHomes},
	{"AmbientCapabilities", "", systemService},
	{"NoNewPrivileges", "yes", everyService},
	{"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6", everyService},
	{"RestrictNamespaces", "yes", everyService},
	{"RestrictRealtime", "yes", everyService},
	{"RestrictSUIDSGID", "yes", everyService},
	{"LockPersonality", "yes", everyService},
	{"MemoryDenyWriteExecute", "yes", everyService},
	{"RemoveIPC", "yes", accountOnly},
	{"SystemCallArchitectures", "native", everyService},
	{"SystemCallFilter", "@system-service", everyService},
	{"SystemCallErrorNumber", "EPERM", everyService},
	{"UMask", "0077", everyService},
}

// includes reports whether a directive is for a job's service.
func (s scope) includes(j *Job) bool {
	switch s {
	case systemService:
		return j.System
	case accountOnly, withoutHomes:
		return j.System && !j.Homes
	case withHomes:
		return j.System && j.Homes
	}
	return true
}

// systemd writes the service and its timer.
func systemd(j *Job) ([]File, error) {
	if strings.ContainsAny(j.Program, `"'\\`) {
		return nil, fmt.Errorf("systemd runs no program whose path holds quotes or backslashes, as %q does",
			inventory.Untrusted(j.Program))
	}
	return []File{
		{Name: j.Name + ".service", Text: j.service()},
		{Name: j.Name + ".timer", Text: j.timer()},
	}, nil
}

// service is the unit that runs the job once.
//
// Exit code 3, findings, is what a scan is for and no failure of the service. Exit code 4 is: a
// source that could not be read stays visible in systemctl --failed until a run reads it.
func (j *Job) service() string {
	var unit unitText
	unit.comment(markerText)
	unit.comment("To change it, write a drop-in: systemctl " + j.userFlag() + "edit " + j.Name + ".service")
	unit.section("Unit")
	unit.set("Description", description)
	if j.System { // a person's own manager does not know this target
		unit.set("Wants", "network-online.target")
		unit.set("After", "network-online.target")
	}
	unit.section("Service")
	unit.set("Type", "oneshot")
	unit.set("ExecStart", j.execStart())
	unit.comment("Findings (3) are no failure. A source that could not be read (4) is one, until a run reads it.")
	unit.set("SuccessExitStatus", "3")
	if j.Limit > 0 {
		unit.set("TimeoutStartSec", systemdTime(j.Limit))
	}
	unit.set("Nice", "10")
	unit.set("IOSchedulingClass", "idle")
	if j.System {
		j.setPlaces(&unit)
	}
	for _, row := range hardening {
		if row.scope.includes(j) {
			unit.set(row.directive, row.value)
		}
	}
	return unit.String()
}

// setPlaces says as whom a service of the system runs and where it reads and writes. A person's own
// service uses the same directories as a scan by hand.
func (j *Job) setPlaces(unit *unitText) {
	switch {
	case j.Homes: // root
	case j.Account == "":
		unit.set("DynamicUser", "yes")
	default:
		unit.set("User", j.Account)
	}
	unit.set("StateDirectory", directoryName)
	unit.set("StateDirectoryMode", "0700")
	unit.set("ConfigurationDirectory", directoryName)
	for _, dir := range j.Writes {
		unit.set("ReadWritePaths", quoteSystemd(dir))
	}
	for _, credential := range j.Credentials {
		unit.set("LoadCredential", credential.Name+":"+strings.ReplaceAll(credential.Path, "%", "%%"))
	}
}

const (
	description   = "Report third-party software that was let in (guestlist)"
	directoryName = "guestlist" // below /var/lib and /etc
)

// timer is the unit that starts the service.
func (j *Job) timer() string {
	var unit unitText
	unit.comment(markerText)
	unit.section("Unit")
	unit.set("Description", description)
	unit.section("Timer")
	unit.set("OnCalendar", j.When.onCalendar())
	if j.Spread > 0 {
		unit.set("RandomizedDelaySec", systemdTime(j.Spread))
	}
	unit.comment("A run that was missed, because the machine was off, is made up for.")
	unit.set("Persistent", "true")
	unit.section("Install")
	unit.set("WantedBy", "timers.target")
	return unit.String()
}

// onCalendar is w as systemd.time(7) defines it.
func (w When) onCalendar() string {
	if w.Hourly {
		return fmt.Sprintf("*-*-* *:%02d:00", w.Minute)
	}
	days := ""
	for n, day := range w.Days {
		if n > 0 {
			days += ","
		}
		days += day.String()[:len("Mon")]
	}
	return strings.TrimSpace(fmt.Sprintf("%s *-*-* %02d:%02d:00", days, w.Hour, w.Minute))
}

// userFlag is what systemctl needs to speak of a person's own units.
func (j *Job) userFlag() string {
	if j.System {
		return ""
	}
	return "--user "
}

// execStart is the command line. Variables are not replaced in the program's path, so a dollar sign
// stands for itself there, and is doubled in arguments alone.
func (j *Job) execStart() string {
	words := []string{quoteSystemd(j.Program)}
	for _, argument := range j.Args {
		words = append(words, quoteSystemd(strings.ReplaceAll(argument, "$", "$$")))
	}
	return strings.Join(words, " ")
}

// plainWord needs no quotes in a unit or a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@:,./=+-]+$`)

// quoteSystemd is a word as systemd.syntax(7) reads it, with percent signs doubled.
func quoteSystemd(word string) string {
	word = strings.ReplaceAll(word, "%", "%%")
	if plainWord.MatchString(strings.ReplaceAll(word, "%", "")) {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// systemdTime is a length of time as systemd.time(7) defines it.
func systemdTime(d time.Duration) string { return durationWords(d.Round(time.Second)) }

// unitText is the text of a unit file.
type unitText struct{ strings.Builder }

func (u *unitText) comment(text string)        { fmt.Fprintf(u, "# %s\n", text) }
func (u *unitText) section(name string)        { fmt.Fprintf(u, "\n[%s]\n", name) }
func (u *unitText) set(directive, word string) { fmt.Fprintf(u, "%s=%s\n", directive, word) }

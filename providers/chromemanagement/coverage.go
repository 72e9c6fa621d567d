package chromemanagement

import (
	"strings"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner/inventory"
)

// extensionCoverage is what the scan says about the extensions and their holders.
func (s *scan) extensionCoverage(listed *appListing, fault *api.Fault) inventory.Coverage {
	coverage := s.profiles.Coverage(len(listed.apps), nil)[0]
	coverage.Details = []inventory.Untrusted{"covers managed browsers and profiles that report; no API counts those that do not"}
	if listed.android > 0 {
		coverage.Details = append(coverage.Details, inventory.Textf("%d Android apps are left out", listed.android))
	}
	if fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		coverage.Expected = max(listed.total-listed.android, 0) // what is not listed was not read
		if len(listed.apps) == 0 {
			coverage.Status = inventory.StatusNotObservable
		}
	}
	markPartial(&coverage, &s.profiles, "the holders of %d of the extensions could not be read, or not all of them")
	return coverage
}

// unlistedCoverage names the extensions on ChromeOS: Google counts how many people have one, but no
// call lists who they are.
func (s *scan) unlistedCoverage() inventory.Coverage {
	return inventory.Coverage{
		Source: s.profiles.Source.Join(unlistedHolders).Join("chromeos"), Status: inventory.StatusNotObservable,
		Unobservable: true,
		Reason:       inventory.Textf("no API lists who has an extension on ChromeOS; Google counts users there for %d of the extensions", s.chromeOS),
		Remedy:       "look at " + pageAppUsage,
	}
}

// markPartial makes the whole source partial if only some apps failed: an app's holders are spread
// over all profiles.
func markPartial(coverage *inventory.Coverage, apps *tally.Tally, reason string) {
	exceptions, failed := apps.Singles()
	if len(exceptions) == 0 {
		return
	}
	if coverage.Status == inventory.StatusComplete {
		coverage.Status = inventory.StatusPartial
	}
	said := inventory.Textf(reason, failed)
	if coverage.Reason == "" {
		coverage.Reason, coverage.Remedy = said, exceptions[0].Remedy
	} else {
		coverage.Reason += "; " + said
	}
	rest := failed - len(exceptions)
	for _, exception := range exceptions {
		_, app, _ := strings.Cut(string(exception.Source.Name), "/"+lastPart(apps.Source)+"/")
		coverage.Details = tally.AddDetail(coverage.Details, &rest, inventory.Textf("%s: %s", app, string(exception.Reason)))
	}
	coverage.Details = tally.CloseDetails(coverage.Details, rest)
}

func lastPart(source inventory.Source) string {
	name := string(source.Name)
	return name[strings.LastIndexByte(name, '/')+1:]
}

package googleworkspace

import (
	"guestlist/scanner/inventory"
	"strings"
)

// extensionCoverage is what the scan says of the extensions and their holders.
func (s *chromeScan) extensionCoverage(listed *appListing, fault *Fault) inventory.Coverage {
	coverage := s.profiles.coverage(len(listed.apps), nil)[0]
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

// unlistedCoverage names the extensions on ChromeOS: how many people have one is counted, and no call lists who they are.
func (s *chromeScan) unlistedCoverage() inventory.Coverage {
	return inventory.Coverage{
		Source: s.profiles.source.Join(unlistedHolders).Join("chromeos"), Status: inventory.StatusNotObservable, Unobservable: true,
		Reason: inventory.Textf("no API lists who has an extension on ChromeOS; Google counts users there for %d of the extensions", s.chromeOS),
		Remedy: "look at " + pageAppUsage,
	}
}

// markPartial makes the whole source partial for single apps that failed: an app's holders are spread over all profiles.
func markPartial(coverage *inventory.Coverage, apps *perUser, reason string) {
	if len(apps.exceptions) == 0 || apps.end != nil {
		return
	}
	if coverage.Status == inventory.StatusComplete {
		coverage.Status = inventory.StatusPartial
	}
	said := inventory.Textf(reason, apps.failed)
	if coverage.Reason == "" {
		coverage.Reason, coverage.Remedy = said, apps.exceptions[0].Remedy
	} else {
		coverage.Reason += "; " + said
	}
	rest := apps.failed - len(apps.exceptions)
	for _, exception := range apps.exceptions {
		_, app, _ := strings.Cut(string(exception.Source.Name), "/"+lastPart(apps.source)+"/")
		coverage.Details = addDetail(coverage.Details, &rest, inventory.Textf("%s: %s", app, string(exception.Reason)))
	}
	coverage.Details = closeDetails(coverage.Details, rest)
}

func lastPart(source inventory.Source) string {
	name := string(source.Name)
	return name[strings.LastIndexByte(name, '/')+1:]
}

package chromemanagement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// unlistedHolders is the part of a source's name for holders whom no list names.
const unlistedHolders = "not listed"

// addUnread adds an app whose holders could not be read: it is known to be there.
func (s *scan) addUnread(app *installedApp, item *inventory.Item) error {
	held := *item
	held.Marks = slices.Clone(item.Marks)
	held.Mark(inventory.MarkNote, inventory.MarkHoldersUnread, "")
	return s.addUnlisted(app, &held)
}

// addUnlisted adds an app that is counted but whose holders no list names: those on ChromeOS, and
// those that a list left out.
func (s *scan) addUnlisted(app *installedApp, item *inventory.Item) error {
	held := *item
	held.Source = s.profiles.Source.Join(unlistedHolders)
	held.Facts = maps.Clone(item.Facts)
	var counts []string
	for _, count := range []struct {
		fact, unit string
		n          api.Number
	}{{"google_counts_browsers", "browsers", app.Browsers},
		{"google_counts_chromeos_users", "ChromeOS users", app.OSUsers},
		{"google_counts_profiles", "profiles", app.Profiles}} {
		if count.n > 0 {
			held.Facts[count.fact] = inventory.Untrusted(strconv.FormatInt(int64(count.n), 10))
			counts = append(counts, fmt.Sprintf("%d %s", count.n, count.unit))
		}
	}
	// The place is what shows a person how many hold it.
	held.Holder = inventory.Holder{
		Organization: s.api.Config.Target(), Browser: "chrome",
		Profile: "(held by people no list names; Google counts " + inventory.Untrusted(cmp.Or(strings.Join(counts, ", "),
			"none")) + ")",
	}
	if app.OSUsers > 0 {
		s.mu.Lock()
		s.chromeOS++
		s.mu.Unlock()
	}
	return s.sink.AddItem(&held)
}

// addHolders adds the item once for each profile, and for each machine when only machines report
// it. With a fault, what was found is returned too.
func (s *scan) addHolders(ctx context.Context, app *installedApp, item *inventory.Item) (int, *api.Fault, error) {
	found, fault, err := s.drainHolders(ctx, app, "Profiles", int(app.Profiles), item, (*scan).inProfile)
	if fault != nil || err != nil || found > 0 || app.Browsers == 0 {
		return found, fault, err
	}
	return s.drainHolders(ctx, app, "Devices", int(app.Browsers), item, (*scan).onMachine)
}

// drainHolders adds the item once for each holder in a list, which must hold as many as Google
// counts.
func (s *scan) drainHolders(
	ctx context.Context, app *installedApp, what string, counted int,
	item *inventory.Item, held func(*scan, *inventory.Item, *appHolder),
) (found int, fault *api.Fault, err error) {
	_, fault, err = api.Drain(ctx, s.api, api.Chrome, paging.List[appHolder]{
		Fetch: api.Pages(s.api, api.Call{Feature: api.Chrome,
			Path: reportPath(s.api.Config.Customer, "findInstalledApp"+what), Query: api.Query(
				"appId", app.ID, "appType", app.Type, "pageSize", strconv.Itoa(appsPerPage),
			)}, (*holderPage).page),
		Key:  func(h appHolder) string { return cmp.Or(h.Permanent, h.Profile+" "+h.Email+" "+h.Device) },
		Size: appsPerPage,
	}, func(holders []appHolder) error {
		for n := range holders {
			copied := *item
			held(s, &copied, &holders[n])
			if err := s.sink.AddItem(&copied); err != nil {
				return err
			}
			found++
		}
		return nil
	})
	if fault == nil && err == nil && found < counted {
		fault = s.api.Explain(&api.Fault{Feature: api.Chrome, Cause: api.CauseList, Gap: &paging.Gap{
			Kind: paging.Mismatch, Reason: fmt.Sprintf("the list of holders has %d of the %d that Google counts", found,
				counted),
		}})
	}
	return found, fault, err
}

func (s *scan) inProfile(held *inventory.Item, profile *appHolder) {
	held.Source = s.profiles.Source.Join(inventory.Untrusted(profile.Email)).Join(inventory.Untrusted(profile.Permanent))
	held.Holder = inventory.Holder{
		Account: inventory.Untrusted(profile.Email), Organization: s.api.Config.Target(),
		Profile: inventory.Untrusted(profile.Profile), Unit: inventory.Untrusted(profile.Unit), Browser: "chrome",
	}
}

func (s *scan) onMachine(held *inventory.Item, device *appHolder) {
	held.Source = s.profiles.Source.Join("devices").Join(inventory.Untrusted(device.Device))
	held.Holder = inventory.Holder{
		Organization: s.api.Config.Target(), Host: inventory.Untrusted(device.Machine), Browser: "chrome",
	}
}

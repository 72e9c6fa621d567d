package snapshot

import (
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// A large organization's snapshot is made of items, half a million of them, so their lines are
// written without reflection: they are the bytes that [json.Marshal] makes of a frame with the
// options in encoding, which a test checks for every field. All other records use json.Marshal.

// appendItem appends the line of an item in its normal form, without the line feed.
func appendItem(to []byte, item *inventory.Item) []byte {
	to = append(to, `{"item":{"source":{"provider":`...)
	to = appendText(to, item.Source.Provider)
	to = appendMember(to, `,"host":`, item.Source.Host)
	to = appendText(append(to, `,"name":`...), item.Source.Name)
	to = appendText(append(to, `},"kind":`...), item.Kind)
	to = appendApp(append(to, `,"app":{"id":`...), &item.App)
	to = appendMember(to, `,"instance":`, item.Instance)
	to = appendHolder(append(to, `,"holder":{`...), &item.Holder)
	to = appendAccess(append(to, `,"access":{"permissions":`...), &item.Access)
	to = appendMember(to, `,"version":`, item.Version)
	to = appendText(append(to, `,"state":`...), item.State)
	to = appendListMember(to, `,"state_reasons":`, item.StateReasons)
	to = appendMember(to, `,"origin":`, item.Origin)
	to = appendMarks(to, item.Marks)
	to = appendTime(to, `,"added":`, item.Added)
	to = appendTime(to, `,"updated":`, item.Updated)
	to = appendTime(to, `,"last_used":`, item.LastUsed)
	to = appendTime(to, `,"expires":`, item.Expires)
	to = appendMember(to, `,"path":`, item.Path)
	to = appendFacts(to, item.Facts)
	return append(to, "}}"...)
}

func appendApp(to []byte, app *inventory.App) []byte {
	to = appendText(to, app.ID)
	to = appendMember(to, `,"name":`, app.Name)
	to = appendMember(to, `,"publisher":`, app.Publisher)
	to = appendMember(to, `,"project":`, app.Project)
	to = appendMember(to, `,"url":`, app.URL)
	return append(to, '}')
}

func appendHolder(to []byte, holder *inventory.Holder) []byte {
	start := len(to)
	to = appendMember(to, `,"account":`, holder.Account)
	to = appendMember(to, `,"account_id":`, holder.AccountID)
	to = appendMember(to, `,"organization":`, holder.Organization)
	to = appendMember(to, `,"unit":`, holder.Unit)
	to = appendMember(to, `,"repository":`, holder.Repository)
	to = appendMember(to, `,"host":`, holder.Host)
	to = appendMember(to, `,"user":`, holder.User)
	to = appendMember(to, `,"browser":`, holder.Browser)
	to = appendMember(to, `,"profile":`, holder.Profile)
	to = appendMember(to, `,"profile_name":`, holder.ProfileName)
	to = appendMember(to, `,"admin":`, holder.Admin)
	if len(to) > start {
		to = slices.Delete(to, start, start+1) // the comma before the first
	}
	return append(to, '}')
}

func appendAccess(to []byte, access *inventory.Access) []byte {
	to = appendList(to, access.Permissions)
	to = appendList(append(to, `,"hosts":`...), access.Hosts)
	to = appendListMember(to, `,"surfaces":`, access.Surfaces)
	to = appendListMember(to, `,"optional":`, access.Optional)
	to = appendListMember(to, `,"optional_hosts":`, access.OptionalHosts)
	to = appendListMember(to, `,"requested":`, access.Requested)
	to = appendMember(to, `,"repositories":`, access.Repositories)
	to = appendMember(to, `,"hosts_withheld":`, access.HostsWithheld)
	to = appendMember(to, `,"basis":`, access.Basis)
	return append(to, '}')
}

func appendMarks(to []byte, marks []inventory.Mark) []byte {
	for n, mark := range marks {
		if n == 0 {
			to = append(to, `,"marks":[`...)
		} else {
			to = append(to, ',')
		}
		to = appendText(append(to, `{"class":`...), mark.Class)
		to = appendText(append(to, `,"name":`...), mark.Name)
		to = appendMember(to, `,"detail":`, mark.Detail)
		to = append(to, '}')
	}
	if len(marks) > 0 {
		to = append(to, ']')
	}
	return to
}

func appendFacts(to []byte, facts map[string]inventory.Untrusted) []byte {
	if len(facts) == 0 {
		return to
	}
	var room [8]string
	names := slices.AppendSeq(room[:0], maps.Keys(facts))
	slices.Sort(names)
	for n, name := range names {
		if n == 0 {
			to = append(to, `,"facts":{`...)
		} else {
			to = append(to, ',')
		}
		to = appendText(append(appendText(to, name), ':'), facts[name])
	}
	return append(to, '}')
}

func appendListMember(to []byte, name string, list []inventory.Untrusted) []byte {
	if len(list) == 0 {
		return to
	}
	return appendList(append(to, name...), list)
}

func appendList(to []byte, list []inventory.Untrusted) []byte {
	to = append(to, '[')
	for n, text := range list {
		if n > 0 {
			to = append(to, ',')
		}
		to = appendText(to, text)
	}
	return append(to, ']')
}

func appendTime(to []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return to
	}
	to = append(append(to, name...), '"')
	return append(t.AppendFormat(to, time.RFC3339Nano), '"')
}

// appendMember appends a member, or nothing if it is empty.
func appendMember[T ~string](to []byte, name string, text T) []byte {
	if text == "" {
		return to
	}
	return appendText(append(to, name...), text)
}

// appendText appends a string. Invalid UTF-8 is replaced, as everywhere in the file.
func appendText[T ~string](to []byte, text T) []byte {
	to, _ = jsontext.AppendQuote(to, string(text)) // fails only for invalid UTF-8
	return to
}

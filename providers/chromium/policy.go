package chromium

import (
	"path"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// A machine's policy may forbid developer mode, which lets anyone run extensions from a directory.
// The browser then treats it as off, whatever the profile says; in a profile where it is on, it was
// turned on earlier, or the browser does not obey that policy. Policies that Windows keeps in its
// registry, macOS in its managed preferences and Google's console with the browser are not read.

// Limits on the files of one directory of policies.
const (
	maxPolicies   = 500
	maxPolicyFile = 4 << 20 // bytes
)

// policyFolders are the directories of managed policies, by operating system and the beginning of
// the browser's key; the first matching row counts.
var policyFolders = []systemFolder{
	{linux, "chrome-for-testing", "/etc/opt/chrome_for_testing/policies/managed"},
	{linux, "chrome", "/etc/opt/chrome/policies/managed"},
	{linux, "edge", "/etc/opt/edge/policies/managed"},
	{linux, "brave", "/etc/brave/policies/managed"},
	{linux, "", "/etc/chromium/policies/managed"},
}

// developerPolicy is what policy files say about developer mode
// (extension_developer_mode_policy_handler.cc and developer_tools_policy_handler.cc): the first
// that is set and valid decides.
type developerPolicy struct {
	mode, tools *int64
	noTools     *bool // the older form of tools
}

func (p developerPolicy) forbids() bool {
	const modeOff, toolsOff = 1, 2
	switch {
	case p.mode != nil && (*p.mode == 0 || *p.mode == modeOff):
		return *p.mode == modeOff
	case p.tools != nil && *p.tools >= 0 && *p.tools <= toolsOff:
		return *p.tools == toolsOff
	}
	return isTrue(p.noTools)
}

// addDeveloperMode records for an item whether developer mode is on in its profile, and whether it
// may be.
func (s *scan) addDeveloperMode(e *entry, item *inventory.Item) {
	if s.developer == nil {
		return
	}
	item.Facts["developer_mode"] = inventory.Untrusted(inventory.AnswerOf(s.developer))
	dir, ok := folderFor(policyFolders, s.provider.env.OS, s.key)
	if !*s.developer || !ok || s.copied || !s.policy(dir).forbids() {
		return
	}
	item.Facts["developer_mode_policy"] = inventory.Untrusted("forbidden by " + dir)
	if e.isUnpacked() {
		item.Mark(inventory.MarkNote, inventory.MarkDeveloperMode, inventory.Untrusted(dir))
	}
}

// policy reads a directory of policies, once for all profiles that this worker reads. If two files
// set the same policy, the last by name counts. What cannot be read is noted.
func (s *scan) policy(folder string) developerPolicy {
	if known, ok := s.policies[folder]; ok {
		return known
	}
	var found developerPolicy
	dir, err := s.provider.system.Open(folder)
	if err == nil {
		defer dir.Close()
		found, err = s.readPolicies(dir)
	}
	if err != nil && !isMissing(err) {
		s.details.Add("%s: %s", inventory.Untrusted(folder), localprofile.Words(err))
		return found
	}
	s.policies[folder] = found
	return found
}

func (s *scan) readPolicies(dir *localprofile.Dir) (found developerPolicy, _ error) {
	names, err := dir.Entries(".")
	if err != nil {
		return found, err
	}
	if len(names) > maxPolicies {
		s.details.Add("%d files in %s, limit %d", len(names), inventory.Untrusted(dir.Path()), maxPolicies)
		names = names[:maxPolicies]
	}
	for _, name := range names {
		info, err := dir.Stat(name)
		if err == nil && info.IsDir() {
			continue
		}
		data, err := dir.Read(name, maxPolicyFile, s.data)
		if err == nil {
			s.data = data
			err = s.reader.readPolicy(data, &s.scratch, &found)
		}
		if err != nil {
			reason, _ := wording.Describe(err)
			s.details.Add("%s: %s", inventory.Untrusted(path.Join(dir.Path(), name)), reason)
		}
	}
	return found, nil
}

func (r *reader) readPolicy(data []byte, scratch *[]byte, into *developerPolicy) error {
	read := *into
	err := r.lenient(data, scratch, func() error {
		read = *into
		return r.document(func(name string) (err error) {
			switch name {
			case "ExtensionDeveloperModeSettings":
				read.mode, err = r.strictNumber()
			case "DeveloperToolsAvailability":
				read.tools, err = r.strictNumber()
			case "DeveloperToolsDisabled":
				return r.boolean(&read.noTools)
			default:
				return r.skip()
			}
			return err
		})
	})
	if err == nil {
		*into = read
	}
	return err
}

// systemFolder is a machine-wide directory read by the browsers whose key begins with keyPrefix.
type systemFolder struct{ os, keyPrefix, dir string }

// folderFor returns the directory of the first row that applies to a browser.
func folderFor(rows []systemFolder, system, key string) (dir string, ok bool) {
	if system != macOS && system != windows {
		system = linux
	}
	at := slices.IndexFunc(rows, func(row systemFolder) bool {
		return row.os == system &&
			strings.HasPrefix(key, row.keyPrefix)
	})
	if at < 0 {
		return "", false
	}
	return rows[at].dir, true
}

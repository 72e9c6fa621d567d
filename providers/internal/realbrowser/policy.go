package realbrowser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/atomicfile"
)

// PolicyDir is where Debian's Chromium looks for managed policies.
const PolicyDir = "/etc/chromium/policies/managed"

// policyPrefix and the process's number name our policy files, so that a file left behind by a
// killed run is recognized as ours.
const policyPrefix = "guestlist-test-"

// ExtensionPolicy is the value of the policy ExtensionSettings: settings by extension ID.
type ExtensionPolicy map[string]ExtensionSetting

// ExtensionSetting is one extension's policy.
type ExtensionSetting struct {
	Mode      string `json:"installation_mode"` // force_installed, normal_installed, blocked
	UpdateURL string `json:"update_url,omitzero"`
	Override  bool   `json:"override_update_url,omitzero"` // take updates from there too
	// What policy takes from an installed extension.
	BlockedPermissions []string `json:"blocked_permissions,omitzero"`
	BlockedHosts       []string `json:"runtime_blocked_hosts,omitzero"`
}

// WritePolicy writes a policy file below dir.
func WritePolicy(dir, name string, policy ExtensionPolicy) (path string, err error) {
	encoded, err := encodePolicy(policy)
	if err != nil {
		return "", err
	}
	return replaceFile(dir, name, encoded)
}

func encodePolicy(policy ExtensionPolicy) ([]byte, error) {
	return json.Marshal(map[string]any{"ExtensionSettings": policy}, json.Deterministic(true))
}

// replaceFile writes a file that a running browser reads, as a whole.
func replaceFile(dir, name string, content []byte) (path string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(dir, name)
	return path, atomicfile.WriteFile(path, content, atomicfile.Options{Mode: 0o644})
}

// SetPolicy puts a managed policy in force on this machine until the test ends. It is an error if
// this process may not.
func SetPolicy(t testing.TB, policy ExtensionPolicy) error {
	t.Helper()
	encoded, err := encodePolicy(policy)
	if err != nil {
		return err
	}
	return SetPolicyFile(t, encoded)
}

// SetPolicyFile is [SetPolicy] with a whole file, in place of what the test set before. A running
// browser notices a few seconds later.
func SetPolicyFile(t testing.TB, content []byte) error {
	t.Helper()
	removeStalePolicies()
	path, err := replaceFile(PolicyDir, policyPrefix+strconv.Itoa(os.Getpid())+".json", content)
	if err != nil {
		return fmt.Errorf("writing a managed policy: %w", err)
	}
	t.Cleanup(func() { os.Remove(path) })
	return nil
}

// ExternalDir is where programs put a file for each extension that they offer to everyone's
// Chromium.
const ExternalDir = "/usr/share/chromium/extensions"

// OfferExternally has every Chromium on this machine install an extension, as programs do that come
// with one, unless policy forbids it. It ends with the test.
func OfferExternally(t testing.TB, id, updateURL string) error {
	t.Helper()
	content := fmt.Sprintf("{\"external_update_url\": %q}", updateURL)
	path, err := replaceFile(ExternalDir, id+".json", []byte(content))
	if err != nil {
		return fmt.Errorf("offering an extension: %w", err)
	}
	t.Cleanup(func() { os.Remove(path) })
	return nil
}

// removeStalePolicies removes what killed runs left behind.
func removeStalePolicies() {
	files, _ := filepath.Glob(filepath.Join(PolicyDir, policyPrefix+"*.json"))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), policyPrefix), ".json")
		if pid, err := strconv.Atoi(name); err == nil && !isRunning(pid) {
			os.Remove(file)
		}
	}
}

// FirefoxDistribution is where Debian's Firefox looks for policies.json and for add-ons that come
// with the browser.
const FirefoxDistribution = "/usr/share/firefox-esr/distribution"

// policyOwner is a member of our policy file of Firefox, whose name is the same for all processes:
// the member holds the process's number.
const policyOwner = "guestlist-test"

// SetFirefoxPolicies puts policies of Firefox in force on this machine until the test ends, in
// place of those that the test set before. It is an error if this process may not, or if there are
// policies that it did not set.
func SetFirefoxPolicies(t testing.TB, policies map[string]any) error {
	t.Helper()
	file := filepath.Join(FirefoxDistribution, "policies.json")
	if err := mayReplace(file); err != nil {
		return err
	}
	encoded, err := json.Marshal(map[string]any{"policies": policies, policyOwner: os.Getpid()}, json.Deterministic(true))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, encoded, 0o644); err != nil {
		return fmt.Errorf("writing a policy file: %w", err)
	}
	t.Cleanup(func() { os.Remove(file) })
	return nil
}

// mayReplace says why a policy file is not ours to replace: it belongs neither to this process nor
// to one that was killed.
func mayReplace(file string) error {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var found struct {
		Owner int `json:"guestlist-test"`
	}
	if err := json.Unmarshal(text, &found); err != nil || found.Owner == 0 || found.Owner != os.Getpid() &&
		isRunning(found.Owner) {
		return fmt.Errorf("%q is not of this test, and stays: %w", file, os.ErrExist)
	}
	return nil
}

// DistributeAddon puts an add-on beside the browser, which copies it into every profile that it
// opens, until the test ends.
func DistributeAddon(t testing.TB, id string, xpi []byte) error {
	t.Helper()
	RemoveStaleAddons(FirefoxDistribution)
	folder, name := filepath.Join(FirefoxDistribution, addonsFolder), id+".xpi"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	record := filepath.Join(FirefoxDistribution, policyPrefix+strconv.Itoa(os.Getpid())+addonsRecord)
	t.Cleanup(func() {
		os.Remove(filepath.Join(folder, name))
		os.Remove(folder) // unless there is more in it
		os.Remove(record)
	})
	if err := appendLine(record, name); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), xpi, 0o644)
}

const (
	addonsFolder = "extensions"
	// addonsRecord ends the name of the file in which a process notes its add-ons before it puts
	// them beside the browser, where the browser takes each one's name for its ID.
	addonsRecord = "-addons.txt"
)

// RemoveStaleAddons removes what killed runs left behind, below a directory such as
// [FirefoxDistribution].
func RemoveStaleAddons(distribution string) {
	records, _ := filepath.Glob(filepath.Join(distribution, policyPrefix+"*"+addonsRecord))
	for _, record := range records {
		owner := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(record), policyPrefix), addonsRecord)
		pid, err := strconv.Atoi(owner)
		if err != nil || isRunning(pid) {
			continue
		}
		text, err := os.ReadFile(record)
		if err != nil {
			continue
		}
		for name := range strings.Lines(string(text)) {
			os.Remove(filepath.Join(distribution, addonsFolder, filepath.Base(strings.TrimSpace(name))))
		}
		os.Remove(filepath.Join(distribution, addonsFolder)) // unless there is more in it
		os.Remove(record)
	}
}

func appendLine(file, line string) error {
	opened, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(opened, line)
	return errors.Join(err, opened.Close())
}

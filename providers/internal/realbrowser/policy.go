package realbrowser

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// PolicyDir is where Debian's Chromium looks for managed policies.
const PolicyDir = "/etc/chromium/policies/managed"

// policyPrefix and the process's number name our policy files, so that one which a killed run left behind is known as ours.
const policyPrefix = "guestlist-test-"

// ExtensionPolicy is the value of the policy ExtensionSettings: settings by extension ID.
type ExtensionPolicy map[string]ExtensionSetting

// ExtensionSetting is one extension's policy.
type ExtensionSetting struct {
	Mode      string `json:"installation_mode"` // force_installed, normal_installed, blocked
	UpdateURL string `json:"update_url,omitzero"`
	Override  bool   `json:"override_update_url,omitzero"` // take updates from there too
	// What policy takes from an extension that is there.
	BlockedPermissions []string `json:"blocked_permissions,omitzero"`
	BlockedHosts       []string `json:"runtime_blocked_hosts,omitzero"`
}

// WritePolicy writes a policy file below dir.
func WritePolicy(dir, name string, policy ExtensionPolicy) (path string, err error) {
	encoded, err := json.Marshal(map[string]any{"ExtensionSettings": policy}, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(dir, name)
	return path, os.WriteFile(path, encoded, 0o644)
}

// SetPolicy puts a managed policy in force on this machine until the test ends. It is an error without the right to.
func SetPolicy(t testing.TB, policy ExtensionPolicy) error {
	t.Helper()
	removeStalePolicies()
	path, err := WritePolicy(PolicyDir, policyPrefix+strconv.Itoa(os.Getpid())+".json", policy)
	if err != nil {
		return fmt.Errorf("writing a managed policy: %w", err)
	}
	t.Cleanup(func() { os.Remove(path) })
	return nil
}

// removeStalePolicies removes what runs left behind that were killed.
func removeStalePolicies() {
	files, _ := filepath.Glob(filepath.Join(PolicyDir, policyPrefix+"*.json"))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), policyPrefix), ".json")
		if pid, err := strconv.Atoi(name); err == nil && !isRunning(pid) {
			os.Remove(file)
		}
	}
}

package api

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Feature is one thing to read, with a scope and a token of its own.
type Feature string

// The features.
const (
	Accounts      Feature = "accounts" // always on: everything else depends on the list of users
	Grants        Feature = "grants"
	AppPasswords  Feature = "app_passwords"
	Events        Feature = "events"
	Usage         Feature = "usage"
	Settings      Feature = "settings"
	Chrome        Feature = "chrome"
	ChromeDetails Feature = "chrome_details"
)

// FeatureInfo describes a feature for documentation, doctor and messages.
type FeatureInfo struct {
	Feature  Feature
	Provider inventory.Provider // that reads it
	Usual    bool               // read when a configuration names none
	// Scope is the one OAuth scope asked for. ReadOnly says that Google lets it change nothing.
	Scope    string
	ReadOnly bool
	// API is the service to turn on in the Cloud project.
	API, APIName string
	// Privilege is what the administrator's role needs, as the console names it.
	Privilege string
	Gives     string
}

const scopePrefix = "https://www.googleapis.com/auth/"

// Features lists every feature with the scope it asks for.
func Features() []FeatureInfo {
	const admin, adminName = "admin.googleapis.com", "Admin SDK API"
	const workspace, managed = inventory.GoogleWorkspace, inventory.ChromeManagement
	const chrome, chromeName = "chromemanagement.googleapis.com", "Chrome Management API"
	return []FeatureInfo{
		{Accounts, workspace, true, scopePrefix + "admin.directory.user.readonly", true, admin, adminName,
			"Admin API privileges > Users > Read", "users, their unit, role, two-step verification and state"},
		{Grants, workspace, true, scopePrefix + "admin.directory.user.security", false, admin, adminName,
			"Users > User security management (a super administrator always has it)", "OAuth grants of every user"},
		{AppPasswords, workspace, true, scopePrefix + "admin.directory.user.security", false, admin, adminName,
			"Users > User security management (a super administrator always has it)", "app passwords of every user"},
		{Events, workspace, true, scopePrefix + "admin.reports.audit.readonly", true, admin, adminName,
			"Reports", "when a grant was made, client types, delegation changes; what an incremental scan reads again"},
		{Usage, workspace, false, scopePrefix + "admin.reports.usage.readonly", true, admin, adminName,
			"Reports", "Google's own counts, as a cross-check"},
		{Settings, workspace, true, scopePrefix + "cloud-identity.policies.readonly", true,
			"cloudidentity.googleapis.com", "Cloud Identity API",
			"super administrator", "the settings for unconfigured third-party apps and internal apps"},
		{Chrome, managed, true, scopePrefix + "chrome.management.reports.readonly", true, chrome, chromeName,
			"Services > Chrome Management > View Reports", "extensions of managed browsers and who holds them"},
		{ChromeDetails, managed, true, scopePrefix + "chrome.management.appdetails.readonly", true, chrome, chromeName,
			"Services > Chrome Management > Manage User Settings > View app details", "publisher and store state of extensions"},
	}
}

// Info returns the description of a feature.
func (f Feature) Info() FeatureInfo {
	for _, info := range Features() {
		if info.Feature == f {
			return info
		}
	}
	return FeatureInfo{Feature: f}
}

// FeaturesOf lists the features that a provider reads.
func FeaturesOf(provider inventory.Provider) []Feature {
	return featuresWhere(func(info FeatureInfo) bool { return info.Provider == provider })
}

// UsualFeaturesOf lists the features that a provider reads when a configuration names none of them.
func UsualFeaturesOf(provider inventory.Provider) []Feature {
	return featuresWhere(func(info FeatureInfo) bool { return info.Provider == provider && info.Usual })
}

func featuresWhere(is func(FeatureInfo) bool) []Feature {
	var features []Feature
	for _, info := range Features() {
		if is(info) {
			features = append(features, info.Feature)
		}
	}
	return features
}

// Scopes returns the scopes of features, sorted and without duplicates, as one line to paste into
// the console.
func Scopes(features ...Feature) []string {
	var scopes []string
	for _, feature := range features {
		scopes = append(scopes, feature.Info().Scope)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

func featureNames() string {
	var names []string
	for _, info := range Features() {
		names = append(names, string(info.Feature))
	}
	return strings.Join(names, ", ")
}

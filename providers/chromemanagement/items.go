package chromemanagement

import (
	"strings"

	"guestlist/scanner/inventory"
)

// newExtension reads what Chrome Management says about an app, without its holder.
func newExtension(app *installedApp) *inventory.Item {
	item := &inventory.Item{
		Kind: kindOf(app.Type), Origin: originOf(app.Install, app.Source), State: inventory.StateEnabled,
		App: inventory.App{
			ID: inventory.Untrusted(app.ID), Name: inventory.Untrusted(app.Name), URL: inventory.Untrusted(app.Homepage),
		},
		Facts: map[string]inventory.Untrusted{},
	}
	if app.Disabled {
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"reported as disabled"}
	}
	item.Access = splitPermissions(app.Permissions)
	for name, text := range map[string]string{"install_type": app.Install, "app_source": app.Source} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(strings.ToLower(text))
		}
	}
	addRisk(item, &app.Risk)
	return item
}

func addRisk(item *inventory.Item, risk *appRisk) {
	if level := riskLevel(risk.Overall); level != "" {
		item.Facts["risk"] = inventory.Untrusted(level)
	}
	for _, entry := range risk.Entries.Entries {
		name := "risk_" + strings.ToLower(strings.TrimPrefix(entry.Provider, "RISK_ASSESSMENT_PROVIDER_"))
		text := riskLevel(entry.Level)
		if entry.Risk.Assessment != "" {
			text = strings.TrimSpace(text + " " + entry.Risk.Assessment)
			if item.Version == "" {
				item.Facts["risk_version"] = inventory.Untrusted(entry.Risk.Version)
			}
		}
		item.Facts[name] = inventory.Untrusted(text)
	}
}

func riskLevel(level string) string {
	level = strings.ToLower(strings.TrimPrefix(level, "RISK_LEVEL_"))
	if level == "unspecified" {
		return ""
	}
	return level
}

func kindOf(appType string) inventory.Kind {
	switch appType {
	case "THEME":
		return inventory.KindTheme
	case "APP", "HOSTED_APP":
		return inventory.KindBrowserApp
	}
	return inventory.KindExtension
}

// originOf reads how an app was installed. MULTIPLE and OTHER say that it differs or is not known.
func originOf(install, source string) inventory.Origin {
	switch install {
	case "ADMIN":
		return inventory.OriginPolicy
	case "DEVELOPMENT":
		return inventory.OriginUnpacked
	case "SIDELOAD":
		return inventory.OriginSideload
	case "NORMAL":
		if source == storeSource {
			return inventory.OriginStore
		}
	}
	return inventory.OriginUnknown
}

// splitPermissions separates API permissions from host patterns; the report has them in one list.
// It leaves empty lists out.
func splitPermissions(list []string) inventory.Access {
	access := inventory.Access{Basis: inventory.BasisActive}
	for _, text := range list {
		if text == "<all_urls>" || strings.Contains(text, "://") {
			access.Hosts = append(access.Hosts, inventory.Untrusted(text))
		} else {
			access.Permissions = append(access.Permissions, inventory.Untrusted(text))
		}
	}
	return access
}

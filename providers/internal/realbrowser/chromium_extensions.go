package realbrowser

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// ChromiumExtension is what chrome://extensions says about one extension (developer_private.idl),
// joined with what chrome.management says about it.
type ChromiumExtension struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	// Type is EXTENSION, THEME, HOSTED_APP, LEGACY_PACKAGED_APP, PLATFORM_APP or SHARED_MODULE.
	Type string `json:"type"`
	// State is ENABLED, DISABLED, TERMINATED or BLOCKLISTED.
	State string `json:"state"`
	// Location is FROM_STORE, UNPACKED, THIRD_PARTY, INSTALLED_BY_DEFAULT or UNKNOWN; LocationText is
	// the sentence on the page.
	Location     string          `json:"location"`
	LocationText string          `json:"locationText"`
	Path         string          `json:"path"` // of unpacked ones
	Reasons      map[string]bool `json:"disableReasons"`
	Permissions  struct {
		Runtime *RuntimeHosts `json:"runtimeHostPermissions"`
	} `json:"permissions"`
	// MayModify is false for extensions that policy keeps installed.
	MayModify bool `json:"userMayModify"`
	// Management is nil for an extension that chrome.management does not list: the browser's own.
	Management *ManagedExtension `json:"management"`
}

// RuntimeHosts are host permissions that a person may withhold.
type RuntimeHosts struct {
	Access string `json:"hostAccess"` // ON_CLICK, ON_SPECIFIC_SITES, ON_ALL_SITES
	Hosts  []struct {
		Host    string `json:"host"`
		Granted bool   `json:"granted"`
	} `json:"hosts"`
}

// ManagedExtension is what chrome.management says about one extension (management.json).
type ManagedExtension struct {
	Version         string   `json:"version"` // the page shows the version_name instead, if there is one
	Type            string   `json:"type"`    // extension, theme, hosted_app, packaged_app, legacy_packaged_app
	Enabled         bool     `json:"enabled"`
	DisabledReason  string   `json:"disabledReason"` // unknown, permissions_increase; "" while it is on
	InstallType     string   `json:"installType"`    // admin, development, normal, sideload, other
	Permissions     []string `json:"permissions"`
	HostPermissions []string `json:"hostPermissions"`
	MayDisable      bool     `json:"mayDisable"`
}

const listExtensions = `(async () => {
	const shown = await chrome.developerPrivate.getExtensionsInfo({includeDisabled: true, includeTerminated: true});
	const managed = new Map((await chrome.management.getAll()).map(item => [item.id, item]));
	const both = shown.map(item => ({...item, iconUrl: undefined, management: managed.get(item.id)}));
	shown.forEach(item => managed.delete(item.id));
	for (const item of managed.values()) { // themes are not on the page
		both.push({id: item.id, name: item.name, version: item.version, type: "THEME", userMayModify: item.mayDisable,
			state: item.enabled ? "ENABLED" : "DISABLED", management: item});
	}
	return both;
})()`

// Extensions returns what the browser says about its extensions, by ID.
func (c *Chromium) Extensions(ctx context.Context) (map[string]*ChromiumExtension, error) {
	var list []*ChromiumExtension
	if err := c.pages.evaluate(ctx, listExtensions, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]*ChromiumExtension, len(list))
	for _, e := range list {
		byID[e.ID] = e
	}
	return byID, nil
}

// WaitFor waits until the browser's list satisfies a condition.
func (c *Chromium) WaitFor(ctx context.Context, what string, timeout time.Duration,
	ready func(map[string]*ChromiumExtension) bool) error {
	return Wait(ctx, what, timeout, func() (bool, error) {
		list, err := c.Extensions(ctx)
		return err == nil && ready(list), err
	})
}

// WaitInstalled waits until the browser lists an extension in the given version.
func (c *Chromium) WaitInstalled(ctx context.Context, id, version string) error {
	const timeout = 60 * time.Second
	return c.WaitFor(ctx, fmt.Sprintf("%s %s to be installed", id, version), timeout,
		func(list map[string]*ChromiumExtension) bool {
			return list[id] != nil && list[id].Version == version
		})
}

// LoadUnpacked loads a developer's directory and returns the extension's ID.
func (c *Chromium) LoadUnpacked(ctx context.Context, folder string) (string, error) {
	var loaded struct {
		ID string `json:"id"`
	}
	err := c.tools.call(ctx, "", "Extensions.loadUnpacked", params{"path": folder}, &loaded)
	return loaded.ID, err
}

// SetEnabled turns an extension on or off, as its toggle does.
func (c *Chromium) SetEnabled(ctx context.Context, id string, on bool) error {
	return c.pages.evaluate(ctx, fmt.Sprintf("chrome.management.setEnabled(%s, %v)", quote(id), on), nil)
}

// SetDeveloperMode sets the switch on the extensions page that unpacked extensions need to run.
func (c *Chromium) SetDeveloperMode(ctx context.Context, on bool) error {
	return c.pages.evaluate(ctx, fmt.Sprintf("chrome.developerPrivate.updateProfileConfiguration({inDeveloperMode: %v})", on), nil)
}

// WithholdHosts lets an extension reach pages only on a click.
func (c *Chromium) WithholdHosts(ctx context.Context, id string) error {
	return c.Configure(ctx, id, `{hostAccess: "ON_CLICK"}`)
}

// Configure changes what a person sets on an extension's own page: the members of
// developerPrivate.ExtensionConfigurationUpdate, as JavaScript writes them.
func (c *Chromium) Configure(ctx context.Context, id, members string) error {
	return c.pages.evaluate(ctx, "chrome.developerPrivate.updateExtensionConfiguration({extensionId: "+quote(id)+", ..."+members+"})", nil)
}

// GiveHost gives an extension whose hosts are withheld access to one of them.
func (c *Chromium) GiveHost(ctx context.Context, id, host string) error {
	return c.pages.evaluate(ctx, "chrome.developerPrivate.addHostPermission("+quote(id)+", "+quote(host)+")", nil)
}

// UpdateAll asks the update servers for newer versions.
func (c *Chromium) UpdateAll(ctx context.Context) error {
	return c.pages.evaluate(ctx, "chrome.developerPrivate.autoUpdate()", nil)
}

// Run evaluates JavaScript on one of an extension's own pages, where its own permissions hold.
func (c *Chromium) Run(ctx context.Context, id, path, expression string) (jsontext.Value, error) {
	p, err := c.tools.open(ctx, "chrome-extension://"+id+"/"+path)
	if err != nil {
		return nil, err
	}
	defer p.close(ctx)
	var value jsontext.Value
	err = p.evaluate(ctx, expression, &value)
	return value, err
}

package realbrowser

import "context"

// FirefoxAddon is what AddonManager says of one add-on (toolkit/mozapps/extensions).
type FirefoxAddon struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Type    string `json:"type"` // extension, theme, locale, dictionary, sitepermission
	// Active says that it runs. UserDisabled and AppDisabled say who keeps it from that.
	Active       bool `json:"isActive"`
	UserDisabled bool `json:"userDisabled"`
	AppDisabled  bool `json:"appDisabled"`
	Hidden       bool `json:"hidden"`
	Builtin      bool `json:"isBuiltin"`
	System       bool `json:"isSystem"`
	// Temporary ones are gone when the browser ends.
	Temporary bool   `json:"temporarilyInstalled"`
	Signed    *int   `json:"signedState"` // nil: not asked for
	Blocked   int    `json:"blocklistState"`
	Location  string `json:"location"` // app-profile, app-system-share ...
	// Permissions and Origins are those of the manifest that were granted at installation; Granted are those that were granted on top.
	Permissions []string       `json:"permissions"`
	Origins     []string       `json:"origins"`
	Granted     GrantedOnTop   `json:"granted"`
	Optional    OptionalToGive `json:"optional"`
}

// GrantedOnTop are optional permissions that were given later.
type GrantedOnTop struct {
	Permissions []string `json:"permissions"`
	Origins     []string `json:"origins"`
}

// OptionalToGive are permissions that the add-on may ask for.
type OptionalToGive struct {
	Permissions []string `json:"permissions"`
	Origins     []string `json:"origins"`
}

const listAddons = `
	const {ExtensionPermissions} = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
	const {XPIExports} = ChromeUtils.importESModule("resource://gre/modules/addons/XPIExports.sys.mjs");
	const list = [];
	for (const addon of await AddonManager.getAllAddons()) {
		const granted = await ExtensionPermissions.get(addon.id);
		const known = await XPIExports.XPIDatabase.getAddon(other => other.id === addon.id);
		const asked = addon.userPermissions || {permissions: [], origins: []};
		const optional = addon.optionalPermissions || {permissions: [], origins: []};
		const pick = from => ({permissions: from.permissions || [], origins: from.origins || []});
		list.push({
			id: addon.id, name: addon.name, version: addon.version, type: addon.type, isActive: addon.isActive,
			userDisabled: !!addon.userDisabled, appDisabled: !!addon.appDisabled, hidden: !!addon.hidden, isBuiltin: !!addon.isBuiltin,
			isSystem: !!addon.isSystem, temporarilyInstalled: !!addon.temporarilyInstalled,
			signedState: addon.signedState === undefined ? null : addon.signedState, blocklistState: addon.blocklistState,
			location: known && known.location ? known.location.name : "",
			...pick(asked), granted: pick(granted), optional: pick(optional),
		});
	}
	return list;`

// Addons returns what the browser says of its add-ons, by ID.
func (f *Firefox) Addons(ctx context.Context) (map[string]*FirefoxAddon, error) {
	var list []*FirefoxAddon
	if err := f.run(ctx, listAddons, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]*FirefoxAddon, len(list))
	for _, addon := range list {
		byID[addon.ID] = addon
	}
	return byID, nil
}

// Install installs an xpi into the profile, as from a file. Temporary ones go when the browser ends.
func (f *Firefox) Install(ctx context.Context, path string, temporary bool) error {
	return f.run(ctx, `
		const [path, temporary] = arguments;
		const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
		file.initWithPath(path);
		if (temporary) {
			await AddonManager.installTemporaryAddon(file);
			return;
		}
		const install = await AddonManager.getInstallForFile(file);
		if (install.error) {
			throw new Error("install error " + install.error);
		}
		await install.install();`, nil, path, temporary)
}

// SetEnabled switches an add-on on or off, as its toggle does.
func (f *Firefox) SetEnabled(ctx context.Context, id string, on bool) error {
	return f.run(ctx, `
		const addon = await AddonManager.getAddonByID(arguments[0]);
		await (arguments[1] ? addon.enable() : addon.disable());`, nil, id, on)
}

// Grant gives an add-on optional permissions, as the page about:addons does.
func (f *Firefox) Grant(ctx context.Context, id string, permissions, origins []string) error {
	return f.run(ctx, `
		const {ExtensionPermissions} = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
		const policy = WebExtensionPolicy.getByID(arguments[0]);
		await ExtensionPermissions.add(arguments[0], {permissions: arguments[1], origins: arguments[2], data_collection: []}, policy?.extension);`,
		nil, id, permissions, origins)
}

// Running is what the browser lets an add-on do that runs: what its pages and scripts are checked against, whatever any list says.
type Running struct {
	ID          string   `json:"id"`
	Type        string   `json:"type"`
	Permissions []string `json:"permissions"`
	Origins     []string `json:"origins"`
}

const listRunning = `
	return WebExtensionPolicy.getActiveExtensions().map(policy => ({
		id: policy.id, type: policy.type, permissions: policy.permissions,
		origins: policy.allowedOrigins.patterns.map(pattern => pattern.pattern).concat(policy.contentScripts.flatMap(
			script => policy.extension?.originControls ? [] : script.matches.patterns.map(pattern => pattern.pattern))),
		builtin: !policy.extension || policy.extension.rootURI.scheme === "resource",
	})).filter(one => !one.builtin);`

// Running returns what the browser lets its add-ons do that run, without those of its own archive.
func (f *Firefox) Running(ctx context.Context) (map[string]*Running, error) {
	var list []*Running
	if err := f.run(ctx, listRunning, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]*Running, len(list))
	for _, running := range list {
		byID[running.ID] = running
	}
	return byID, nil
}

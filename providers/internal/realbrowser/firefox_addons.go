package realbrowser

import "context"

// FirefoxAddon is what AddonManager says about one add-on (toolkit/mozapps/extensions).
type FirefoxAddon struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Type    string `json:"type"` // extension, theme, locale, dictionary, sitepermission
	// Active says that it runs. UserDisabled and AppDisabled say who prevents that.
	Active       bool `json:"isActive"`
	UserDisabled bool `json:"userDisabled"`
	AppDisabled  bool `json:"appDisabled"`
	Hidden       bool `json:"hidden"`
	Builtin      bool `json:"isBuiltin"`
	System       bool `json:"isSystem"`
	// Temporary add-ons are gone when the browser ends.
	Temporary bool   `json:"temporarilyInstalled"`
	Signed    *int   `json:"signedState"` // nil: not asked for
	Blocked   int    `json:"blocklistState"`
	Location  string `json:"location"` // app-profile, app-system-share ...
	// How it was installed: Foreign means that it was put into a place that the browser looks at,
	// Source is installTelemetryInfo's, SourceURI where it was fetched from, and Policy the
	// installation_mode of the machine's policy.
	Foreign   bool   `json:"foreignInstall"`
	Source    string `json:"source"`
	SourceURI string `json:"sourceURI"`
	Policy    string `json:"policy"`
	// Covers is an add-on of the same ID that does not run because of this one. The list has it beside
	// this one, with IsCovered.
	Covers    *FirefoxAddon `json:"-"`
	IsCovered bool          `json:"isCovered"`
	// Staged is the version that will be installed at the next start, or nil.
	Staged *StagedAddon `json:"staged"`
	// Permissions and Origins are those of the manifest that were granted at installation; Granted
	// are those that were granted later.
	Permissions []string       `json:"permissions"`
	Origins     []string       `json:"origins"`
	Granted     GrantedOnTop   `json:"granted"`
	Optional    OptionalToGive `json:"optional"`
}

// StagedAddon is a version that waits for the browser's next start, and what it requires.
type StagedAddon struct {
	Version     string   `json:"version"`
	Permissions []string `json:"permissions"`
	Origins     []string `json:"origins"`
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
	const none = {permissions: [], origins: []};
	const staged = new Map((await AddonManager.getAllInstalls()).filter(install => install.state === AddonManager.STATE_POSTPONED)
		.map(install => [install.addon.id, install.addon]));
	const all = (await AddonManager.getAllAddons()).map(addon => ({addon, isCovered: false}));
	const covered = await XPIExports.XPIDatabase.getAddonList(addon => !addon.visible);
	for (const {addon, isCovered} of all.concat(covered.map(addon => ({addon: addon.wrapper, isCovered: true})))) {
		const granted = await ExtensionPermissions.get(addon.id);
		const known = await XPIExports.XPIDatabase.getAddon(other => other.id === addon.id && other.visible !== isCovered);
		const next = staged.get(addon.id);
		const asked = addon.userPermissions || none;
		const optional = addon.optionalPermissions || none;
		const pick = from => ({permissions: from.permissions || [], origins: from.origins || []});
		list.push({
			id: addon.id, name: addon.name, version: addon.version, type: addon.type, isActive: addon.isActive, isCovered,
			userDisabled: !!addon.userDisabled, appDisabled: !!addon.appDisabled, hidden: !!addon.hidden, isBuiltin: !!addon.isBuiltin,
			isSystem: !!addon.isSystem, temporarilyInstalled: !!addon.temporarilyInstalled,
			signedState: addon.signedState === undefined ? null : addon.signedState, blocklistState: addon.blocklistState,
			location: known?.location?.name ?? "", foreignInstall: !!addon.foreignInstall, source: known?.installTelemetryInfo?.source ?? "",
			sourceURI: addon.sourceURI?.spec ?? "", policy: Services.policies?.getExtensionSettings(addon.id)?.installation_mode ?? "",
			staged: next ? {version: next.version, ...pick(next.userPermissions || none)} : null,
			...pick(asked), granted: pick(granted), optional: pick(optional),
		});
	}
	return list;`

// Addons returns what the browser says about its add-ons, by ID.
func (f *Firefox) Addons(ctx context.Context) (map[string]*FirefoxAddon, error) {
	var list []*FirefoxAddon
	if err := f.run(ctx, listAddons, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]*FirefoxAddon, len(list))
	for _, addon := range list {
		if over := byID[addon.ID]; addon.IsCovered && over != nil {
			over.Covers = addon
			continue
		}
		byID[addon.ID] = addon
	}
	return byID, nil
}

// Install installs an xpi into the profile, as from a file. A temporary one is gone when the
// browser ends.
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

// InstallAll installs packages into the profile side by side, and returns what went wrong, by path.
func (f *Firefox) InstallAll(ctx context.Context, paths []string) (map[string]string, error) {
	refused := map[string]string{}
	err := f.run(ctx, `
		const refused = {};
		await Promise.all(arguments[0].map(async path => {
			try {
				const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
				file.initWithPath(path);
				const install = await AddonManager.getInstallForFile(file);
				if (install.error) {
					throw new Error("install error " + install.error);
				}
				await install.install();
			} catch (error) {
				refused[path] = String(error);
			}
		}));
		return refused;`, &refused, paths)
	return refused, err
}

// InstallFrom installs an add-on from an address that no test can serve, such as the store's:
// requests to it are answered from where the add-on is offered. Source is how the browser records
// that it was installed.
func (f *Firefox) InstallFrom(ctx context.Context, address string, offer AddonOffer, source string) error {
	return f.run(ctx, `
		const [address, link, hash, source] = arguments;
		const redirect = channel => {
			if (channel.QueryInterface(Ci.nsIHttpChannel).URI.spec === address) {
				channel.redirectTo(Services.io.newURI(link));
			}
		};
		Services.obs.addObserver(redirect, "http-on-modify-request");
		try {
			const install = await AddonManager.getInstallForURL(address, {hash, telemetryInfo: {source, method: "amWebAPI"}});
			await install.install();
		} finally {
			Services.obs.removeObserver(redirect, "http-on-modify-request");
		}`, nil, address, offer.Link, offer.Hash, source)
}

// SetEnabled turns an add-on on or off, as its toggle does.
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

// TakeBack takes granted permissions from an add-on, as the page about:addons does.
func (f *Firefox) TakeBack(ctx context.Context, id string, permissions, origins []string) error {
	return f.run(ctx, `
		const {ExtensionPermissions} = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
		const policy = WebExtensionPolicy.getByID(arguments[0]);
		await ExtensionPermissions.remove(arguments[0], {permissions: arguments[1], origins: arguments[2], data_collection: []}, policy?.extension);`,
		nil, id, permissions, origins)
}

// Outcomes of an update.
const (
	Updated   = "updated"
	Postponed = "postponed" // its add-on has it wait for the next start
	Asks      = "asks"      // it requires more, and the prompt was not answered
	NoUpdate  = "none"
)

const updateAddons = `
	const [ids, agreed] = arguments;
	const outcomes = {};
	const {ExtensionsUI} = ChromeUtils.importESModule("resource:///modules/ExtensionsUI.sys.mjs");
	const answer = subject => Services.tm.dispatchToMainThread(() => { // once the browser has seen whether it has anything to ask
		const {addon, resolve} = subject.wrappedJSObject;
		if (agreed.includes(addon.id)) {
			resolve();
		} else if ([...ExtensionsUI.updates].some(update => update.addon.id === addon.id)) {
			outcomes[addon.id]("asks");
		}
	});
	Services.obs.addObserver(answer, "webextension-update-permission-prompt");
	const update = async id => {
		const addon = await AddonManager.getAddonByID(id);
		const install = await new Promise(resolve => addon.findUpdates({
			onUpdateAvailable: (_, install) => resolve(install), onNoUpdateAvailable: () => resolve(null),
		}, AddonManager.UPDATE_WHEN_PERIODIC_UPDATE));
		return install && await new Promise(resolve => {
			outcomes[id] = resolve;
			const failed = install => resolve("failed: " + install.error);
			install.addListener({
				onInstallEnded: () => resolve("updated"), onInstallPostponed: () => resolve("postponed"),
				onDownloadFailed: failed, onDownloadCancelled: failed, onInstallFailed: failed, onInstallCancelled: failed,
			});
			install.promptHandler = info => AddonManager.updatePromptHandler(info);
			install.install();
		});
	};
	const said = {};
	try {
		await Promise.all(ids.map(async id => { said[id] = await update(id) || "none"; }));
	} finally {
		Services.obs.removeObserver(answer, "webextension-update-permission-prompt");
	}
	return said;`

// Update fetches the updates of add-ons as the browser does by itself from time to time, and
// returns the outcome by ID. For those that require more than the version before, the prompt is
// accepted if they are in agreed, and otherwise not answered.
func (f *Firefox) Update(ctx context.Context, ids, agreed []string) (map[string]string, error) {
	outcomes := map[string]string{}
	err := f.run(ctx, updateAddons, &outcomes, ids, agreed)
	return outcomes, err
}

// PermissionNames returns the names of what a manifest may ask for, from the browser's own schemas.
func (f *Firefox) PermissionNames(ctx context.Context) (names []string, err error) {
	err = f.run(ctx, `
		const {Schemas} = ChromeUtils.importESModule("resource://gre/modules/Schemas.sys.mjs");
		return Schemas.getPermissionNames();`, &names)
	return names, err
}

// Running is what the browser lets a running add-on do: what its pages and scripts are checked
// against, whatever any list says.
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

// Running returns what the browser lets its running add-ons do, except those in its own archive.
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

package realbrowser

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// WebPage is a page of the web, or of a file, in a browser's tab: opened, looked at and typed into
// as a person would.
type WebPage interface {
	// Open goes to an address and waits until the page has loaded.
	Open(ctx context.Context, address string) error
	// Run runs the body of an async function in the page and decodes what it returns. Arguments are
	// its "arguments".
	Run(ctx context.Context, body string, value any, arguments ...any) error
	// Press presses a key and releases it.
	Press(ctx context.Context, key Key) error
	// Resize sets the width and height of the page, in CSS pixels.
	Resize(ctx context.Context, width, height int) error
	// PreferDark sets the person's preference: dark pages, or light ones.
	PreferDark(ctx context.Context, dark bool) error
	// Screenshot returns what is seen, as PNG.
	Screenshot(ctx context.Context) ([]byte, error)
	// Print returns what is printed, as PDF.
	Print(ctx context.Context) ([]byte, error)
	// Complaints are the errors on the console since the page was opened, and the requests that it
	// made besides the one for itself.
	Complaints(ctx context.Context) ([]string, error)
}

// Key is a key as a page knows it (UI Events, KeyboardEvent.key).
type Key string

const (
	KeyTab       Key = "Tab"
	KeyEnter     Key = "Enter"
	KeyEscape    Key = "Escape"
	KeyArrowUp   Key = "ArrowUp"
	KeyArrowDown Key = "ArrowDown"
)

// keys are what the protocols call each key: the code that Windows has for it, the text that it
// makes, and the character of WebDriver.
var keys = map[Key]struct {
	windows   int
	text      string
	webDriver string
}{
	KeyTab: {9, "", "\ue004"}, KeyEnter: {13, "\r", "\ue007"}, KeyEscape: {27, "", "\ue00c"},
	KeyArrowUp: {38, "", "\ue013"}, KeyArrowDown: {40, "", "\ue015"},
}

// decodePicture decodes a picture or a document of a protocol's answer.
func decodePicture(data string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(data)
}

// loadTimeout is how long the largest page may take.
const loadTimeout = 60 * time.Second

// chromiumPage is a page in Chromium.
type chromiumPage struct{ *page }

// NewPage opens a tab.
func (c *Chromium) NewPage(ctx context.Context) (WebPage, error) {
	p, err := c.tools.open(ctx, "about:blank")
	if err != nil {
		return nil, err
	}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		if err := p.call(ctx, p.session, domain+".enable", nil, nil); err != nil {
			return nil, err
		}
	}
	return chromiumPage{p}, nil
}

func (p chromiumPage) Open(ctx context.Context, address string) error {
	// An address that differs only after "#" would not load again.
	if err := p.navigate(ctx, "about:blank"); err != nil {
		return err
	}
	p.listen(p.session)
	return p.navigate(ctx, address)
}

func (p chromiumPage) navigate(ctx context.Context, address string) error {
	var result struct {
		Error string `json:"errorText"`
	}
	if err := p.call(ctx, p.session, "Page.navigate", params{"url": address}, &result); err != nil {
		return err
	}
	if result.Error != "" {
		return fmt.Errorf("opening %q: %s", address, result.Error)
	}
	bare, _, _ := strings.Cut(address, "#")
	return Wait(ctx, address+" to load", loadTimeout, func() (bool, error) {
		var ready bool
		err := p.evaluate(ctx, `document.readyState === "complete" && location.href.split("#")[0] === `+quote(bare), &ready)
		return ready, err
	})
}

func (p chromiumPage) Run(ctx context.Context, body string, value any, arguments ...any) error {
	encoded := make([]string, len(arguments))
	for n, argument := range arguments {
		text, err := json.Marshal(argument)
		if err != nil {
			return err
		}
		encoded[n] = string(text)
	}
	return p.evaluate(ctx, "(async function () {"+body+"})("+strings.Join(encoded, ", ")+")", value)
}

func (p chromiumPage) Press(ctx context.Context, key Key) error {
	known := keys[key]
	for _, kind := range []string{"keyDown", "keyUp"} {
		arguments := params{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": known.windows}
		if kind == "keyDown" && known.text != "" {
			arguments["text"] = known.text
		}
		if err := p.call(ctx, p.session, "Input.dispatchKeyEvent", arguments, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p chromiumPage) Resize(ctx context.Context, width, height int) error {
	return p.call(ctx, p.session, "Emulation.setDeviceMetricsOverride",
		params{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

func (p chromiumPage) PreferDark(ctx context.Context, dark bool) error {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	return p.call(ctx, p.session, "Emulation.setEmulatedMedia",
		params{"features": []params{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

func (p chromiumPage) Screenshot(ctx context.Context) ([]byte, error) {
	return decodePicture(p.data(ctx, "Page.captureScreenshot"))
}

func (p chromiumPage) Print(ctx context.Context) ([]byte, error) {
	return decodePicture(p.data(ctx, "Page.printToPDF"))
}

func (p chromiumPage) data(ctx context.Context, method string) (string, error) {
	var result struct {
		Data string `json:"data"`
	}
	err := p.call(ctx, p.session, method, nil, &result)
	return result.Data, err
}

func (p chromiumPage) Complaints(context.Context) ([]string, error) {
	var complaints []string
	requests := 0
	for _, each := range p.events(p.session) {
		var said struct {
			Type  string `json:"type"`
			Entry struct {
				Level string `json:"level"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(each.Params, &said); err != nil {
			return nil, err
		}
		isError := each.Method == "Runtime.exceptionThrown" ||
			each.Method == "Runtime.consoleAPICalled" && (said.Type == "error" || said.Type == "warning") ||
			each.Method == "Log.entryAdded" && (said.Entry.Level == "error" || said.Entry.Level == "warning")
		if each.Method == "Network.requestWillBeSent" {
			requests++
			isError = requests > 1
		}
		if isError {
			complaints = append(complaints, fmt.Sprintf("%s: %.1000s", each.Method, each.Params))
		}
	}
	return complaints, nil
}

// firefoxPage is the page in Firefox's first tab.
type firefoxPage struct{ *Firefox }

// Page returns the browser's tab.
func (f *Firefox) Page() WebPage { return firefoxPage{f} }

// inPage calls a method in the context of the page, and then sets that of the browser again.
func (p firefoxPage) inPage(ctx context.Context, call func() error) error {
	if err := p.remote.call(ctx, "Marionette:SetContext", params{"value": "content"}, nil); err != nil {
		return err
	}
	err := call()
	if reset := p.remote.call(ctx, "Marionette:SetContext", params{"value": "chrome"}, nil); err == nil {
		err = reset
	}
	return err
}

// front selects the tab. The browser opens others of its own accord, such as its privacy notice,
// and a tab in the background is neither laid out nor typed into.
func (p firefoxPage) front(ctx context.Context) error {
	return p.inPage(ctx, func() error {
		var handle struct {
			Value string `json:"value"`
		}
		if err := p.remote.call(ctx, "WebDriver:GetWindowHandle", nil, &handle); err != nil {
			return err
		}
		return p.remote.call(ctx, "WebDriver:SwitchToWindow", params{"handle": handle.Value, "focus": true}, nil)
	})
}

func (p firefoxPage) Open(ctx context.Context, address string) error {
	if err := p.front(ctx); err != nil {
		return err
	}
	if err := p.run(ctx, `Services.console.reset();
		Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage).clearEvents();`, nil); err != nil {
		return err
	}
	err := p.inPage(ctx, func() error {
		for _, each := range []string{"about:blank", address} { // see chromiumPage.Open
			if err := p.remote.call(ctx, "WebDriver:Navigate", params{"url": each}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.run(ctx, `gBrowser.selectedBrowser.focus();`, nil) // and not the field for addresses
}

func (p firefoxPage) Run(ctx context.Context, body string, value any, arguments ...any) error {
	return p.inPage(ctx, func() error { return p.execute(ctx, "", body, value, arguments) })
}

func (p firefoxPage) Press(ctx context.Context, key Key) error {
	press := func(kind string) params { return params{"type": kind, "value": keys[key].webDriver} }
	return p.inPage(ctx, func() error {
		return p.remote.call(ctx, "WebDriver:PerformActions", params{"actions": []params{
			{"type": "key", "id": "keyboard", "actions": []params{press("keyDown"), press("keyUp")}},
		}}, nil)
	})
}

// Resize sets the size of the element that shows the tab: a window does not get as narrow as a
// phone.
func (p firefoxPage) Resize(ctx context.Context, width, height int) error {
	if err := p.front(ctx); err != nil {
		return err
	}
	err := p.run(ctx, `const [width, height] = arguments, style = gBrowser.selectedBrowser.style;
		for (const bound of ["min-", "max-"]) {
			style.setProperty(bound + "width", width + "px");
			style.setProperty(bound + "height", height + "px");
		}
		gBrowser.selectedBrowser.getBoundingClientRect(); /* lays it out */`, nil, width, height)
	if err != nil {
		return err
	}
	return Wait(ctx, "the page to have its size", startTimeout, func() (bool, error) {
		var size [2]int
		if err := p.Run(ctx, `return [innerWidth, innerHeight];`, &size); err != nil {
			return false, err
		}
		if size != [2]int{width, height} {
			return false, fmt.Errorf("it is %d wide and %d high", size[0], size[1])
		}
		return true, nil
	})
}

func (p firefoxPage) PreferDark(ctx context.Context, dark bool) error {
	const isDark, isLight = 0, 1 // values of the preference
	value := isLight
	if dark {
		value = isDark
	}
	return p.run(ctx, `Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", arguments[0]);`,
		nil, value)
}

func (p firefoxPage) Screenshot(ctx context.Context) ([]byte, error) {
	return decodePicture(p.data(ctx, "WebDriver:TakeScreenshot", params{"full": false}))
}

func (p firefoxPage) Print(ctx context.Context) ([]byte, error) {
	return decodePicture(p.data(ctx, "WebDriver:Print", nil))
}

func (p firefoxPage) data(ctx context.Context, method string, arguments params) (string, error) {
	var result struct {
		Value string `json:"value"`
	}
	err := p.inPage(ctx, func() error { return p.remote.call(ctx, method, arguments, &result) })
	return result.Value, err
}

// firefoxComplaints lists what the console has from pages, not from the browser itself.
const firefoxComplaints = `
	const said = [];
	for (const message of Services.console.getMessageArray()) {
		if (!(message instanceof Ci.nsIScriptError) || message.flags & Ci.nsIScriptError.infoFlag) continue;
		if (/^(file|http):/.test(message.sourceName)) said.push(message.category + ": " + message.errorMessage);
	}
	const storage = Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage);
	for (const event of storage.getEvents()) {
		if (["error", "warn"].includes(event.level) && /^(file|http):/.test(event.filename)) said.push("console: " + event.arguments.join(" "));
	}
	return said;`

func (p firefoxPage) Complaints(ctx context.Context) ([]string, error) {
	var complaints, requests []string
	if err := p.run(ctx, firefoxComplaints, &complaints); err != nil {
		return nil, err
	}
	err := p.Run(ctx, `return performance.getEntriesByType("resource").map(entry => "request: " + entry.name);`, &requests)
	return append(complaints, requests...), err
}

package realbrowser

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
)

// Updates is an update server on loopback: it offers packed extensions to Chromium by its update
// protocol (gupdate 2.0) and to Firefox by its own (updates.json), and files to anyone.
type Updates struct {
	server *httptest.Server
	lock   sync.Mutex
	files  map[string][]byte
	offers map[string]string // Chromium's: version by ID
	addons map[string]AddonOffer
	asked  map[string]bool // paths
}

// AddonOffer is where a version of an add-on is: an entry of Firefox's update manifest. The browser
// accepts a link without TLS only with a hash of its target.
type AddonOffer struct {
	Version string `json:"version"`
	Link    string `json:"update_link"`
	Hash    string `json:"update_hash"`
}

// NewUpdates starts a server that ends with the test.
func NewUpdates(t testing.TB) *Updates {
	u := &Updates{files: map[string][]byte{}, offers: map[string]string{}, addons: map[string]AddonOffer{}, asked: map[string]bool{}}
	u.server = httptest.NewServer(u)
	t.Cleanup(u.server.Close)
	return u
}

// URL is where Chromium asks for updates.
func (u *Updates) URL() string { return u.server.URL + "/update.xml" }

// Root is the server's address without a path.
func (u *Updates) Root() string { return u.server.URL }

// Asked reports whether anyone has asked for a path, whether or not there is something.
func (u *Updates) Asked(path string) bool {
	u.lock.Lock()
	defer u.lock.Unlock()
	return u.asked[path]
}

// Offer offers a version of an extension, in place of any offered before.
func (u *Updates) Offer(e *Extension) error {
	id, err := e.ID()
	if err != nil {
		return err
	}
	packed, err := e.CRX()
	if err != nil {
		return err
	}
	u.lock.Lock()
	defer u.lock.Unlock()
	u.offers[id] = e.Version
	u.files["/"+id+"-"+e.Version+".crx"] = packed
	return nil
}

// AddonsURL is where Firefox asks for updates, which puts the add-on's ID in its place.
func (u *Updates) AddonsURL() string { return u.server.URL + "/updates.json?id=%ITEM_ID%" }

// OfferAddon offers a version of a Firefox add-on, in place of any offered before.
func (u *Updates) OfferAddon(id string, e *Extension) (AddonOffer, error) {
	packed, err := e.Zip()
	if err != nil {
		return AddonOffer{}, err
	}
	u.lock.Lock()
	defer u.lock.Unlock()
	path := "/" + url.PathEscape(id) + "-" + e.Version + ".xpi"
	offer := AddonOffer{Version: e.Version, Link: u.server.URL + path,
		Hash: fmt.Sprintf("sha256:%x", sha256.Sum256(packed))}
	u.files[path], u.addons[id] = packed, offer
	return offer, nil
}

// ServeHTTP answers an update check with everything on offer: the browser picks what it asked for.
func (u *Updates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.lock.Lock()
	defer u.lock.Unlock()
	u.asked[r.URL.Path] = true
	if r.URL.Path == "/update.xml" {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, u.manifest())
		return
	}
	if r.URL.Path == "/updates.json" {
		w.Header().Set("Content-Type", "application/json")
		json.MarshalWrite(w, u.addonManifest(r.URL.Query().Get("id")))
		return
	}
	file, ok := u.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/x-chrome-extension")
	w.Write(file)
}

func (u *Updates) manifest() string {
	var b strings.Builder
	b.WriteString(xml.Header + `<gupdate xmlns="http://www.google.com/update2/response" protocol="2.0">`)
	for id, version := range u.offers {
		fmt.Fprintf(&b, `<app appid="%s"><updatecheck codebase="%s/%s-%s.crx" version="%s"/></app>`, id, u.server.URL, id,
			version, version)
	}
	b.WriteString(`</gupdate>`)
	return b.String()
}

func (u *Updates) addonManifest(id string) any {
	var updates []AddonOffer
	if update, ok := u.addons[id]; ok {
		updates = append(updates, update)
	}
	return map[string]any{"addons": map[string]any{id: map[string]any{"updates": updates}}}
}

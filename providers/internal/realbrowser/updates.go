package realbrowser

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Updates is an update server on loopback: it offers packed extensions to Chromium by its update protocol (gupdate 2.0), and files to
// anyone.
type Updates struct {
	server *httptest.Server
	lock   sync.Mutex
	files  map[string][]byte
	offers map[string]string // version by ID
}

// NewUpdates starts a server that ends with the test.
func NewUpdates(t testing.TB) *Updates {
	u := &Updates{files: map[string][]byte{}, offers: map[string]string{}}
	u.server = httptest.NewServer(u)
	t.Cleanup(u.server.Close)
	return u
}

// URL is where Chromium asks for updates.
func (u *Updates) URL() string { return u.server.URL + "/update.xml" }

// Offer offers a version of an extension, in place of another one.
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

// ServeHTTP answers an update check with everything on offer: the browser picks what it asked for.
func (u *Updates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.lock.Lock()
	defer u.lock.Unlock()
	if r.URL.Path == "/update.xml" {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, u.manifest())
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
		fmt.Fprintf(&b, `<app appid="%s"><updatecheck codebase="%s/%s-%s.crx" version="%s"/></app>`, id, u.server.URL, id, version, version)
	}
	b.WriteString(`</gupdate>`)
	return b.String()
}

package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner/atomicfile"
)

// Limits of the page store.
const (
	maxKeptPage = 8 << 20             // bytes of one page's body
	keepPages   = 30 * 24 * time.Hour // pages not asked for in this time are removed
	cacheSuffix = ".page.gz"
)

// pageStore keeps pages of earlier scans, one file (mode 0600) each, named by a hash of the
// credential and the address, so that no two credentials share a page and no file name reveals
// either. The files hold answers, never a credential; answers whose entries hold secrets by design
// (webhook addresses) are not kept. If a file cannot be read or written, the page is requested
// again.
type pageStore struct {
	dir string
	now func() time.Time
}

func newPageStore(dir string, now func() time.Time) *pageStore { return &pageStore{dir: dir, now: now} }

// of returns the store for one credential or installation.
func (s *pageStore) of(identity string) httpx.Store {
	return &identityStore{store: s, identity: identity}
}

type identityStore struct {
	store    *pageStore
	identity string
}

// keptPage is the file's content.
type keptPage struct {
	ETag        string `json:"etag"`
	ContentType string `json:"content_type"`
	Link        string `json:"link,omitzero"`
	Body        string `json:"body"`
}

// Load returns a kept page.
func (s *identityStore) Load(request *http.Request) (httpx.Page, bool) {
	if !isKept(request) {
		return httpx.Page{}, false
	}
	root, err := os.OpenRoot(s.store.dir)
	if err != nil {
		return httpx.Page{}, false
	}
	defer root.Close()
	name := s.name(request)
	page, ok := readPage(root, name)
	if ok {
		now := s.store.now()
		_ = root.Chtimes(name, now, now) // it was used: prune counts from now
	}
	return page, ok
}

func readPage(root *os.Root, name string) (httpx.Page, bool) {
	file, err := root.Open(name)
	if err != nil {
		return httpx.Page{}, false
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return httpx.Page{}, false
	}
	data, err := io.ReadAll(io.LimitReader(unpacked, 2*maxKeptPage))
	var kept keptPage
	if err != nil || json.Unmarshal(data, &kept) != nil || kept.ETag == "" {
		return httpx.Page{}, false
	}
	return httpx.Page{ETag: kept.ETag, ContentType: kept.ContentType, Link: kept.Link, Body: []byte(kept.Body)}, true
}

// cloneToken matches the one credential that GitHub puts into lists, valid for a private repository
// for a few minutes. It is not kept.
var cloneToken = regexp.MustCompile(`"temp_clone_token"\s*:\s*"(?:[^"\\]|\\.)*"`)

// Save keeps a page so that another scan sees all of it or nothing.
func (s *identityStore) Save(request *http.Request, page httpx.Page) {
	if !isKept(request) || len(page.Body) > maxKeptPage || !strings.Contains(page.ContentType, "json") {
		return
	}
	body := cloneToken.ReplaceAll(page.Body, []byte(`"temp_clone_token":null`))
	data, err := json.Marshal(keptPage{ETag: page.ETag, ContentType: page.ContentType, Link: page.Link,
		Body: string(body)})
	if err != nil {
		return // not UTF-8, so not JSON
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(data); err != nil || writer.Close() != nil {
		return
	}
	if os.MkdirAll(s.store.dir, 0o700) != nil {
		return
	}
	path := filepath.Join(s.store.dir, s.name(request))
	if atomicfile.WriteFile(path, packed.Bytes(), atomicfile.Options{Volatile: true}) != nil {
		return
	}
	now := s.store.now()
	_ = os.Chtimes(path, now, now)
}

func (s *identityStore) name(request *http.Request) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{s.identity, request.Header.Get("Accept"), request.URL.String()},
		"\x00")))
	return hex.EncodeToString(sum[:]) + cacheSuffix
}

// isKept excludes webhooks, whose addresses are often secrets, the person's own records, and the
// audit log, which is queried by date.
func isKept(request *http.Request) bool {
	path := request.URL.Path
	for _, never := range []string{"/hooks", "/audit-log", "/user", "/gists", "/user/keys", "/user/gpg_keys",
		"/user/ssh_signing_keys"} {
		if strings.HasSuffix(path, never) {
			return false
		}
	}
	return true
}

// prune removes pages that no scan has requested for a long time, and what interrupted scans left
// behind.
func (s *pageStore) prune() {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return
	}
	entries, err := dir.ReadDir(-1)
	dir.Close()
	if err != nil {
		return
	}
	oldest := s.now().Add(-keepPages)
	for _, entry := range entries {
		info, err := entry.Info()
		ours := strings.HasSuffix(entry.Name(), cacheSuffix) || strings.Contains(entry.Name(), cacheSuffix+".")
		if err == nil && ours && info.Mode().IsRegular() && info.ModTime().Before(oldest) {
			_ = root.Remove(entry.Name())
		}
	}
}

package httpx

import (
	"net/http"
)

// Store keeps pages between runs, so that an unchanged page costs nothing (If-None-Match). The
// store decides what may be kept at all, and under which name: two accounts must not share pages,
// and a page that holds secrets must not be kept. Its methods are called from several goroutines.
type Store interface {
	// Load returns what was kept for the request, and false if there is nothing.
	Load(request *http.Request) (Page, bool)
	// Save keeps an answer. It reports no error: a page that cannot be kept is asked for again.
	Save(request *http.Request, page Page)
}

// Page is one kept answer.
type Page struct {
	ETag        string
	ContentType string
	Link        string
	Body        []byte
}

// restore turns a 304 into the answer that was kept; the other headers stay those of the 304. So
// does Link, where there is one: a page may be unchanged and yet no longer be the last.
func (p Page) restore(answer *Answer) {
	if link := answer.Header.Get("Link"); link != "" {
		p.Link = link
	}
	answer.Status = http.StatusOK
	answer.Body = p.Body
	set := func(name, value string) {
		answer.Header.Del(name)
		if value != "" {
			answer.Header.Set(name, value)
		}
	}
	set("Content-Type", p.ContentType)
	set("Link", p.Link)
	set("ETag", p.ETag)
	answer.Header.Del("Content-Length")
}

func pageOf(answer *Answer) Page {
	return Page{
		ETag: answer.Header.Get("ETag"), ContentType: answer.Header.Get("Content-Type"),
		Link: answer.Header.Get("Link"), Body: answer.Body,
	}
}

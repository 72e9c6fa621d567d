package notify

import (
	"fmt"
	"strings"
)

// Sizes of what is handed to programs and files.
const (
	maxDigestBytes   = 512 << 10
	maxDocumentBytes = 64 << 20 // of a whole report: the outbox keeps it until it is delivered
)

// content is a way in which a digest or its report is handed over as a whole.
type content struct {
	name, about, contentType string
	// of is nil where the format is for another use of the same key.
	of func(*Digest) ([]byte, error)
}

var contents = []content{
	{"digest", "the digest as JSON (guestlist schema digest)", "application/json",
		func(d *Digest) ([]byte, error) { return asJSON(d, maxDigestBytes) }},
	{"text", "the digest as plain text", "text/plain; charset=utf-8",
		func(d *Digest) ([]byte, error) { return []byte(asText(d)), nil }},
	{"markdown", "the digest as Markdown", "text/markdown; charset=utf-8",
		func(d *Digest) ([]byte, error) { return []byte(asMarkdown(d)), nil }},
	{"report", "the whole report as JSON (guestlist schema report)", "application/json",
		func(d *Digest) ([]byte, error) { return whole(d, d.Document, "report") }},
	{"page", "the whole report as a page of HTML", "text/html; charset=utf-8",
		func(d *Digest) ([]byte, error) { return whole(d, d.Page, "page") }},
}

// whole is a whole report, if it is there and not too large. A test has no report, and sends the
// digest.
func whole(d *Digest, document []byte, name string) ([]byte, error) {
	switch {
	case document == nil && d.Occasion == Test:
		return asJSON(d, maxDigestBytes)
	case document == nil:
		return nil, fmt.Errorf("there is no %s to deliver", name)
	case len(document) > maxDocumentBytes:
		return nil, fmt.Errorf(`the %s has %d MiB, and at most %d are delivered: choose format = "digest"`, name,
			len(document)>>20, maxDocumentBytes>>20)
	}
	return document, nil
}

// contentNamed returns the content that a key names; the first of those permitted if it is absent.
func contentNamed(name string, permitted ...string) content {
	if name == "" {
		name = permitted[0]
	}
	for _, c := range contents {
		if c.name == name {
			return c
		}
	}
	return contents[0]
}

// contentKey is the key that chooses one of the named contents.
func contentKey(permitted ...string) Key {
	var about []string
	for _, name := range permitted {
		c := contentNamed(name)
		about = append(about, c.name+": "+c.about)
	}
	return Key{Name: "format", About: strings.Join(about, "; "), Example: `"` + permitted[0] + `"`, OneOf: permitted}
}

// payload is a digest in this form.
func (c content) payload(d *Digest) ([]Payload, error) {
	body, err := c.of(d)
	if err != nil {
		return nil, err
	}
	return []Payload{{ContentType: c.contentType, Body: body}}, nil
}

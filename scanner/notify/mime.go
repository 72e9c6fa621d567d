package notify

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// Sizes of mails.
const (
	maxAttachmentBytes = 8 << 20
	maxSubject         = 150 // characters
	base64Line         = 76
)

// compose writes a mail, without its Message-ID: all lines end in CRLF, and equal digests give
// equal bytes.
func (e *email) compose(d *Digest, to *mail.Address) ([]byte, error) {
	attachment, name, note, err := e.attachment(d)
	if err != nil {
		return nil, err
	}
	text, page := asText(d)+note, asHTML(d)
	hash := sha256.New()
	for _, part := range []string{text, page, string(attachment)} {
		fmt.Fprintf(hash, "%d %s", len(part), part)
	}
	id := fmt.Sprintf("%x", hash.Sum(nil)[:12])

	var b bytes.Buffer
	header := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	header("From", e.from.String())
	header("To", to.String())
	header("Subject", subjectLine(d.subject()))
	header("Date", d.Finished.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	if d.Occasion == Reminder {
		header("References", e.messageID("reminders-"+e.name))
	}
	header("Auto-Submitted", "auto-generated")
	header("X-Auto-Response-Suppress", "All") // Exchange knows the other header not everywhere
	header("MIME-Version", "1.0")

	alternatives := func(w *multipart.Writer) error {
		if err := addPart(w, "text/plain; charset=utf-8", text); err != nil {
			return err
		}
		return addPart(w, "text/html; charset=utf-8", page)
	}
	outer := multipart.NewWriter(&b)
	if err := outer.SetBoundary("guestlist-" + id); err != nil {
		return nil, err
	}
	if attachment == nil {
		header("Content-Type", fmt.Sprintf("multipart/alternative; boundary=%q", outer.Boundary()))
		b.WriteString("\r\n")
		err = alternatives(outer)
	} else {
		header("Content-Type", fmt.Sprintf("multipart/mixed; boundary=%q", outer.Boundary()))
		b.WriteString("\r\n")
		err = mixed(outer, id, alternatives, name, attachment)
	}
	if err := errors.Join(err, outer.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// mixed writes the alternatives as one part and the attachment as another.
func mixed(outer *multipart.Writer, id string, alternatives func(*multipart.Writer) error, name string, attachment []byte) error {
	var b bytes.Buffer
	inner := multipart.NewWriter(&b)
	if err := inner.SetBoundary("guestlist-alternatives-" + id); err != nil {
		return err
	}
	if err := alternatives(inner); err != nil {
		return err
	}
	if err := inner.Close(); err != nil {
		return err
	}
	part, err := outer.CreatePart(textproto.MIMEHeader{
		"Content-Type": {fmt.Sprintf("multipart/alternative; boundary=%q", inner.Boundary())}})
	if err != nil {
		return err
	}
	if _, err := part.Write(b.Bytes()); err != nil {
		return err
	}
	return attach(outer, name, attachment)
}

// addPart adds a text as quoted-printable, in which no line is too long and no line begins with a
// word of its own.
func addPart(w *multipart.Writer, contentType, text string) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {contentType},
		"Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return err
	}
	encoder := quotedprintable.NewWriter(part)
	if _, err := io.WriteString(encoder, text); err != nil {
		return err
	}
	return encoder.Close()
}

// attach adds a file.
func attach(w *multipart.Writer, name string, content []byte) error {
	kind := "text/html; charset=utf-8"
	if strings.HasSuffix(name, ".gz") {
		kind = "application/gzip"
	}
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"base64"},
		"Content-Disposition": {fmt.Sprintf("attachment; filename=%q", name)}})
	if err != nil {
		return err
	}
	encoded := base64.StdEncoding.EncodeToString(content)
	for len(encoded) > 0 {
		n := min(base64Line, len(encoded))
		if _, err := io.WriteString(part, encoded[:n]+"\r\n"); err != nil {
			return err
		}
		encoded = encoded[n:]
	}
	return nil
}

// attachment is the page as a file of at most maxAttachmentBytes; otherwise a note that it is left
// out.
func (e *email) attachment(d *Digest) (content []byte, name, note string, err error) {
	if !e.attach || len(d.Page) == 0 {
		return nil, "", "", nil
	}
	name = "guestlist-" + d.Finished.UTC().Format("2006-01-02") + ".html"
	if len(d.Page) <= maxAttachmentBytes {
		return d.Page, name, "", nil
	}
	var b bytes.Buffer
	compressor := gzip.NewWriter(&b)
	if _, err := compressor.Write(d.Page); err != nil {
		return nil, "", "", err
	}
	if err := compressor.Close(); err != nil {
		return nil, "", "", err
	}
	if b.Len() > maxAttachmentBytes {
		return nil, "", fmt.Sprintf("\nThe page has %d MiB, which is too large to attach.\n", len(d.Page)>>20), nil
	}
	return b.Bytes(), name + ".gz", "", nil
}

// subjectLine is a subject as a header may hold it. What looks like an encoded word is taken apart,
// since a reader would decode it.
func subjectLine(text string) string {
	text = strings.ReplaceAll(cut(text, maxSubject), "=?", "= ?")
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?") // a line for each word
}

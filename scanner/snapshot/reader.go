package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// MaxLineBytes bounds one record. The largest that a writer makes, an item with a full manifest's
// permissions, is far below it.
const MaxLineBytes = 16 << 20

// What can be wrong with a file, for errors.Is on a [FormatError].
var (
	ErrNotSnapshot = errors.New("this is not a guestlist snapshot")
	ErrTruncated   = errors.New("the snapshot is truncated: its last line is missing")
	ErrAltered     = errors.New("the snapshot was altered after it was written")
	ErrNewer       = errors.New("the snapshot was written by a newer guestlist")
	ErrOrder       = errors.New("the snapshot's records are not in order")
)

// FormatError says what is wrong with a snapshot file, and where.
type FormatError struct {
	Path   string
	Line   int // 0: the file as a whole
	Err    error
	Detail string // harmless text; may be empty
}

func (e *FormatError) Error() string {
	at := fmt.Sprintf("%q", e.Path)
	if e.Line > 0 {
		at += ", line " + strconv.Itoa(e.Line)
	}
	text := at + ": " + e.Err.Error()
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

func (e *FormatError) Unwrap() error { return e.Err }

// Reader reads a snapshot once, from beginning to end. The records come before the digest can be
// checked: after an error at the end, a caller must drop everything it read.
type Reader struct {
	path    string
	file    io.ReadCloser
	lines   *bufio.Scanner
	number  int
	digest  hash.Hash
	header  Header
	summary Summary
	err     error
	ended   bool
	trailer Trailer

	line []byte // the current record without its line feed, after next
	kind Kind

	decoder itemDecoder
	item    inventory.Item // the current one, if the decoder could read it
}

// Open opens a snapshot and reads its header. Compression is recognized by content.
func Open(path string) (*Reader, error) {
	file, err := atomicfile.OpenToRead(path)
	if err != nil {
		return nil, err
	}
	return open(path, file)
}

// OpenTemporary opens what [CreateTemporary] wrote. The file remains the caller's and can be opened
// any number of times.
func OpenTemporary(file *os.File) (*Reader, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	return open(file.Name(), io.NopCloser(io.NewSectionReader(file, 0, size)))
}

func open(path string, file io.ReadCloser) (*Reader, error) {
	r := &Reader{path: path, file: file, digest: sha256.New()}
	if err := r.open(); err != nil {
		file.Close()
		return nil, err
	}
	return r, nil
}

// Close releases the file.
func (r *Reader) Close() error { return r.file.Close() }

// Header is what identifies the run.
func (r *Reader) Header() Header { return r.header }

// Trailer is the last record. It is zero until everything before it has been read and verified.
func (r *Reader) Trailer() Trailer { return r.trailer }

// Verify reads a whole snapshot to find its faults.
func Verify(path string) error {
	r, err := Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, err := range r.Records() {
		if err != nil {
			return err
		}
	}
	return nil
}

// Records yields every record between header and trailer. A record is valid until the next, and its
// lists and maps, which others may share, must not be changed. The last thing yielded may be an
// error, which voids everything before it.
func (r *Reader) Records() iter.Seq2[Record, error] {
	return r.records(func() bool { return true })
}

// Mentioning is like Records, but it decodes and yields only those accounts and items that contain
// one of the texts anywhere, as a whole string in any case: a few from a file of any size, at the
// cost of reading its bytes. The order of skipped records is not checked.
func (r *Reader) Mentioning(texts ...inventory.Untrusted) iter.Seq2[Record, error] {
	var quoted [][]byte
	for _, text := range texts {
		if line, err := json.Marshal(text, encoding); err == nil { // as in every line
			quoted = append(quoted, lowered(nil, line))
		}
	}
	var line []byte
	return r.records(func() bool {
		if r.kind == KindCoverage {
			return true
		}
		line = lowered(line[:0], r.line)
		return slices.ContainsFunc(quoted, func(text []byte) bool { return bytes.Contains(line, text) })
	})
}

// lowered appends a text with its Latin letters in lower case; other letters keep theirs.
func lowered(to, text []byte) []byte {
	start := len(to)
	to = append(to, text...)
	for n, c := range to[start:] {
		if 'A' <= c && c <= 'Z' {
			to[start+n] = c + 'a' - 'A'
		}
	}
	return to
}

func (r *Reader) records(wanted func() bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		last := ""
		for r.next() {
			if !wanted() {
				continue
			}
			content, key, err := r.decode()
			if err == nil && key < last {
				err = r.fault(ErrOrder, "")
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			last = key
			if !yield(Record{Coverage: content.Coverage, Account: content.Account, Item: content.Item}, nil) {
				return
			}
		}
		if r.err != nil {
			yield(Record{}, r.err)
		}
	}
}

func (r *Reader) open() error {
	buffered := bufio.NewReaderSize(r.file, 64<<10)
	var source io.Reader = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		compressed, err := gzip.NewReader(buffered)
		if err != nil {
			return r.fault(ErrNotSnapshot, "")
		}
		source = compressed
	}
	r.lines = bufio.NewScanner(source)
	r.lines.Buffer(make([]byte, 0, 64<<10), MaxLineBytes)
	r.lines.Split(wholeLines)
	if !r.scan() {
		if r.err != nil && !errors.Is(r.err, ErrTruncated) {
			return r.err
		}
		return r.fault(ErrNotSnapshot, "")
	}
	var first frame
	if err := json.Unmarshal(r.line, &first, encoding); err != nil || first.Header == nil {
		return r.fault(ErrNotSnapshot, "")
	}
	r.header = *first.Header
	return r.checkVersion()
}

func (r *Reader) checkVersion() error {
	major, _, _ := strings.Cut(string(r.header.SchemaVersion), ".")
	number, err := strconv.Atoi(major)
	ours, _, _ := strings.Cut(SchemaVersion, ".")
	oursNumber, _ := strconv.Atoi(ours)
	switch {
	case err != nil:
		return r.fault(ErrNotSnapshot, "no schema_version")
	case major == ours:
		return nil
	case number < oursNumber:
		return r.fault(ErrNotSnapshot, fmt.Sprintf("unknown schema %s", r.header.SchemaVersion))
	default:
		return r.fault(ErrNewer, fmt.Sprintf("schema %s, this guestlist reads %s.x; upgrade guestlist to the version that wrote it",
			r.header.SchemaVersion, ours))
	}
}

// next steps to the next record; false at the end, or at a fault, which is then in r.err.
func (r *Reader) next() bool {
	if r.err != nil || r.ended {
		return false
	}
	if !r.scan() {
		return false
	}
	if r.kind == KindTrailer {
		r.end()
		return false
	}
	r.digest.Write(r.lines.Bytes())
	r.summary.count(r.kind)
	return true
}

// scan reads a line and finds its kind. Counts, and the digest of all but the first, are left to
// the caller.
func (r *Reader) scan() bool {
	if !r.lines.Scan() {
		r.err = r.endOfLines()
		return false
	}
	r.number++
	r.line = bytes.TrimSuffix(r.lines.Bytes(), []byte{'\n'})
	r.kind = kindOf(r.line)
	if r.kind == "" {
		r.kind = r.slowKind()
	}
	if r.number == 1 {
		r.digest.Write(r.lines.Bytes())
	}
	return true
}

// slowKind finds the kind of a line that does not begin as ours do.
func (r *Reader) slowKind() Kind {
	var content frame
	if json.Unmarshal(r.line, &content, encoding) != nil {
		return ""
	}
	switch {
	case content.Trailer != nil:
		return KindTrailer
	case content.Item != nil:
		return KindItem
	case content.Account != nil:
		return KindAccount
	case content.Coverage != nil:
		return KindCoverage
	}
	return ""
}

func (r *Reader) endOfLines() error {
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return r.fault(ErrNotSnapshot, fmt.Sprintf("a line is longer than %d bytes", MaxLineBytes))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return r.fault(ErrAltered, "")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !isCorrupt(err):
		return fmt.Errorf("reading %q: %w", r.path, err)
	case err != nil && isCorrupt(err):
		return r.fault(ErrAltered, "")
	}
	return r.fault(ErrTruncated, "")
}

// isCorrupt recognizes the decompressor's errors, which have no value in common.
func isCorrupt(err error) bool {
	return strings.HasPrefix(err.Error(), "flate: ") || strings.HasPrefix(err.Error(), "gzip: ")
}

// end checks the trailer against what was read.
func (r *Reader) end() {
	r.ended = true
	var last frame
	switch err := json.Unmarshal(r.line, &last, encoding); {
	case err != nil || last.Trailer == nil || !last.Trailer.Complete:
		r.err = r.fault(ErrTruncated, "")
	case !r.hasDigest():
		r.err = r.fault(ErrAltered, "its content does not match its digest")
	case last.Trailer.Summary != r.summary:
		r.err = r.fault(ErrAltered, "its counts do not match its content")
	case r.lines.Scan():
		r.err = r.fault(ErrAltered, "unexpected data after its last line")
	case r.lines.Err() != nil:
		r.err = r.endOfLines()
	default:
		r.trailer = *last.Trailer
	}
}

// hasDigest reports whether the current line, a trailer, ends with the digest of everything before
// it.
func (r *Reader) hasDigest() bool {
	cut := bytes.LastIndex(r.line, []byte(digestMember))
	if cut < 0 {
		return false
	}
	cut += len(digestMember)
	r.digest.Write(r.line[:cut])
	return string(r.line[cut:]) == digestText(r.digest)+trailerEnd
}

// How a trailer line ends: the digest, and what closes the objects.
const (
	digestMember = `"digest":"`
	trailerEnd   = `"}}`
)

func digestText(digest hash.Hash) string { return "sha256:" + hex.EncodeToString(digest.Sum(nil)) }

// decode decodes the whole current line and returns its place in the order.
func (r *Reader) decode() (frame, string, error) {
	var content frame
	if r.kind == KindItem && r.decoder.decode(r.line, &r.item) {
		content.Item = &r.item
	} else if err := json.Unmarshal(r.line, &content, encoding); err != nil {
		return content, "", r.fault(ErrAltered, "a line is not a record")
	}
	return content, content.orderAs(r.kind), nil
}

// orderAs is a record's place among all records.
func (f *frame) orderAs(kind Kind) string {
	place := appendRank(make([]byte, 0, usualPlace), kind)
	switch {
	case f.Coverage != nil:
		place = f.Coverage.Source.AppendKey(place)
	case f.Account != nil:
		place = f.Account.AppendKey(place)
	case f.Item != nil:
		place = f.Item.AppendKey(place)
	}
	return string(place)
}

// usualPlace is room for most keys.
const usualPlace = 256

// appendRank appends what a record's place begins with.
func appendRank(to []byte, kind Kind) []byte { return append(to, byte('0'+max(rank(kind), 0))) }

func (r *Reader) fault(err error, detail string) error {
	return &FormatError{Path: r.path, Line: r.number, Err: err, Detail: detail}
}

// wholeLines splits after line feeds; what follows the last one is not a line.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if n := bytes.IndexByte(data, '\n'); n >= 0 {
		return n + 1, data[:n+1], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

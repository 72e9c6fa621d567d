package snapshot

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// Writer gathers the records of one scan, in any order and from any goroutine, and writes them as a
// sorted file at [Writer.Commit]. Nothing appears under the file's name before that.
type Writer struct {
	path       string   // of the file being made; "" for a temporary one
	temporary  *os.File // the caller's
	compressed bool
	header     Header
	scratch    sync.Pool // of *scratch

	mu      sync.Mutex
	sorter  *sorter
	summary Summary
	done    bool
}

// scratch is where a goroutine makes an item's key and line.
type scratch struct{ key, line []byte }

// Create begins a snapshot that will be at path, compressed if that ends in ".gz". Missing
// directories are created, readable only by their owner.
func Create(path string, header Header) (*Writer, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	w := newWriter(dir, header)
	w.path, w.compressed = path, strings.HasSuffix(path, ".gz")
	return w, nil
}

// CreateTemporary begins a snapshot that its creator reads with [OpenTemporary]: Commit writes it
// into an open, empty file, which remains the caller's.
func CreateTemporary(file *os.File, compressed bool, header Header) *Writer {
	w := newWriter("", header)
	w.temporary, w.compressed = file, compressed
	return w
}

func newWriter(dir string, header Header) *Writer {
	header.SchemaVersion = SchemaVersion
	header.Started = header.Started.UTC()
	w := &Writer{header: header, sorter: newSorter(dir, bufferBytes)}
	w.scratch.New = func() any { return new(scratch) }
	return w
}

// AddItem takes a copy of the item in its normal form. An item too large for a line, which only
// hostile input makes, is cut and marked as such.
func (w *Writer) AddItem(item *inventory.Item) error {
	copied := *item
	copied.Normalize()
	if sizeOf(&copied) > maxItemBytes {
		cutItem(&copied)
	}
	text := w.scratch.Get().(*scratch)
	defer w.scratch.Put(text)
	text.key = copied.AppendKey(appendRank(text.key[:0], KindItem))
	text.line = append(appendItem(text.line[:0], &copied), '\n')
	return w.add(text.key, text.line)
}

// AddAccount takes a copy of the account in its normal form.
func (w *Writer) AddAccount(account *inventory.Account) error {
	copied := *account
	copied.Normalize()
	return w.encode(KindAccount, copied.Key(), frame{Account: &copied})
}

// AddCoverage takes a copy of the coverage in its normal form.
func (w *Writer) AddCoverage(coverage *inventory.Coverage) error {
	copied := *coverage
	copied.Normalize()
	return w.encode(KindCoverage, copied.Source.Key(), frame{Coverage: &copied})
}

func (w *Writer) encode(kind Kind, key string, content frame) error {
	line, err := json.Marshal(content, encoding)
	if err != nil {
		return fmt.Errorf("encoding a record: %w", err)
	}
	return w.add(append(appendRank(nil, kind), key...), append(line, '\n'))
}

func (w *Writer) add(key, line []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return errors.New("the snapshot is already written")
	}
	return w.sorter.add(key, line)
}

// Commit writes the file as a whole. The writer cannot be used afterwards.
func (w *Writer) Commit(finished time.Time) (Summary, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return Summary{}, errors.New("the snapshot is already written")
	}
	w.done = true
	defer w.sorter.close()
	if w.temporary != nil {
		err := w.write(w.temporary, finished)
		return w.summary, atomicfile.Fault(w.temporary, err)
	}
	file, err := atomicfile.Create(w.path, atomicfile.Options{})
	if err != nil {
		return Summary{}, err
	}
	defer file.Close()
	if err := w.write(file, finished); err != nil {
		return w.summary, err
	}
	return w.summary, file.Commit()
}

// Abort drops everything; after Commit it does nothing.
func (w *Writer) Abort() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = true
	w.sorter.close()
}

func (w *Writer) write(file io.Writer, finished time.Time) error {
	buffered := bufio.NewWriterSize(file, 64<<10)
	var out io.Writer = buffered
	var compressed *gzip.Writer
	if w.compressed {
		compressed, _ = gzip.NewWriterLevel(buffered, gzip.BestSpeed) // the level is valid
		out = compressed
	}
	if err := w.writeLines(out, finished); err != nil {
		return err
	}
	if compressed != nil {
		if err := compressed.Close(); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func (w *Writer) writeLines(out io.Writer, finished time.Time) error {
	digest := sha256.New()
	both := io.MultiWriter(out, digest)
	header, err := json.Marshal(frame{Header: &w.header}, encoding)
	if err != nil {
		return err
	}
	if _, err := both.Write(append(header, '\n')); err != nil {
		return err
	}
	for line, err := range w.sorter.sorted() {
		if err != nil {
			return err
		}
		w.summary.count(kindOf(line))
		if _, err := both.Write(line); err != nil {
			return err
		}
	}
	trailer, err := json.Marshal(frame{Trailer: &Trailer{Summary: w.summary, Complete: true,
		Finished: finished.UTC()}}, encoding)
	if err != nil {
		return err
	}
	if _, err := both.Write(bytes.TrimSuffix(trailer, []byte(trailerEnd))); err != nil {
		return err
	}
	_, err = io.WriteString(out, digestText(digest)+trailerEnd+"\n")
	return err
}

func (s *Summary) count(kind Kind) {
	switch kind {
	case KindCoverage:
		s.Coverage++
	case KindAccount:
		s.Accounts++
	case KindItem:
		s.Items++
	}
}

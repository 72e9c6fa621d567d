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

	"guestlist/scanner/inventory"
)

// Writer gathers the records of one scan, in any order and from any goroutine, and writes them as a sorted file at [Writer.Commit].
// Nothing appears under the file's name before that.
type Writer struct {
	path   string
	header Header

	mu      sync.Mutex
	sorter  *sorter
	summary Summary
	done    bool
}

// tempPattern names files that are not yet, or never, a snapshot.
const tempPattern = ".guestlist-*"

// Create begins a snapshot that will be at path. Missing folders are made, readable by their owner only.
func Create(path string, header Header) (*Writer, error) {
	header.SchemaVersion = SchemaVersion
	header.Started = header.Started.UTC()
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", path)
	}
	return &Writer{path: path, header: header, sorter: newSorter(dir, bufferBytes)}, nil
}

// AddItem takes a copy of the item in its normal form. An item too large for a line, which only hostile input makes, is cut and says so.
func (w *Writer) AddItem(item *inventory.Item) error {
	copied := *item
	copied.Normalize()
	if sizeOf(&copied) > maxItemBytes {
		cutItem(&copied)
	}
	return w.add(KindItem, copied.Key(), frame{Item: &copied})
}

// AddAccount takes a copy of the account in its normal form.
func (w *Writer) AddAccount(account *inventory.Account) error {
	copied := *account
	copied.Normalize()
	return w.add(KindAccount, copied.Key(), frame{Account: &copied})
}

// AddCoverage takes a copy of the coverage in its normal form.
func (w *Writer) AddCoverage(coverage *inventory.Coverage) error {
	copied := *coverage
	copied.Normalize()
	return w.add(KindCoverage, copied.Source.Key(), frame{Coverage: &copied})
}

func (w *Writer) add(kind Kind, key string, content frame) error {
	line, err := json.Marshal(content, encoding)
	if err != nil {
		return fmt.Errorf("encoding a record: %w", err)
	}
	line = append(line, '\n')
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return errors.New("the snapshot is already written")
	}
	return w.sorter.add(string(rune('0'+rank(kind)))+key, line)
}

// Commit writes the file: to a temporary name in the same folder, synced, then renamed, mode 0600. The writer is spent after it.
func (w *Writer) Commit(finished time.Time) (Summary, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return Summary{}, errors.New("the snapshot is already written")
	}
	w.done = true
	defer w.sorter.close()
	file, err := os.CreateTemp(filepath.Dir(w.path), tempPattern)
	if err != nil {
		return Summary{}, err
	}
	defer os.Remove(file.Name()) // does nothing once it is renamed
	err = w.write(file, finished)
	if syncErr := file.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), w.path)
	}
	if err == nil {
		syncFolder(filepath.Dir(w.path))
	}
	return w.summary, err
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
	if strings.HasSuffix(w.path, ".gz") {
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
	trailer, err := json.Marshal(frame{Trailer: &Trailer{Summary: w.summary, Complete: true, Finished: finished.UTC()}}, encoding)
	if err != nil {
		return err
	}
	if _, err := both.Write(bytes.TrimSuffix(trailer, []byte(trailerEnd))); err != nil {
		return err
	}
	_, err = io.WriteString(out, digestText(digest)+trailerEnd+"\n")
	return err
}

// syncFolder makes a rename last through a loss of power, where the system can. The file is whole in any case.
func syncFolder(dir string) {
	if folder, err := os.Open(dir); err == nil {
		folder.Sync()
		folder.Close()
	}
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

package checkpoint

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// Store is a directory of line files, spread over parts.
type Store struct {
	dir       string
	Parts     int
	temporary bool // it is not read after a crash
	mu        sync.Mutex
	files     map[string]*os.File
	bufs      map[string]*bufio.Writer
	reading   string // the file of users who are being read
}

func newStore(dir string, parts int) *Store {
	return &Store{dir: dir, Parts: min(max(parts, 1), maxParts), files: map[string]*os.File{},
		bufs: map[string]*bufio.Writer{}}
}

// partsFor returns the number of parts for the given number of users.
func partsFor(users int) int {
	parts := 1
	for parts < maxParts && parts*usersPerPart < users {
		parts *= 2
	}
	return parts
}

// partOf returns which of the parts a user's records are in.
func partOf(id string, parts int) int { return int(hashOf(id)) % parts }

// shareOf returns which of the rolling shares a user is in.
func shareOf(id string) int { return int(hashOf(id)) / maxParts % RollingShares }

func hashOf(id string) uint32 {
	hash := fnv.New32a()
	io.WriteString(hash, id)
	return hash.Sum32() >> 1 // fits an int everywhere
}

func (s *Store) path(kind string, part int) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s-%02d.jsonl", kind, part))
}

// Add appends one record of a user.
func (s *Store) Add(kind, id string, value any) error {
	return s.AddTo(kind, partOf(id, s.Parts), value)
}

// AddTo appends one record to a part.
func (s *Store) AddTo(kind string, part int, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding the scan's state: %w", err)
	}
	return s.write(kind, part, line)
}

// AddLine appends one already encoded record of a user.
func (s *Store) AddLine(kind, id string, line []byte) error {
	return s.write(kind, partOf(id, s.Parts), line)
}

// bufferBytes is how much of a file is buffered. A kill costs the records in the buffer, those of
// the last few seconds.
const bufferBytes = 4 << 10

func (s *Store) write(kind string, part int, line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := s.path(kind, part)
	buffer, err := s.open(path)
	if err == nil && kind == Done && path != s.reading {
		err = s.flush(s.reading) // only the part that is being read is buffered
		s.reading = path
	}
	if err == nil {
		_, err = buffer.Write(line)
	}
	if err == nil {
		err = buffer.WriteByte('\n')
	}
	if err != nil {
		return fmt.Errorf("writing the scan's state: %w", err)
	}
	return nil
}

func (s *Store) flush(path string) error {
	if buffer := s.bufs[path]; buffer != nil {
		return buffer.Flush()
	}
	return nil
}

// open returns the buffer of a file.
func (s *Store) open(path string) (*bufio.Writer, error) {
	if buffer := s.bufs[path]; buffer != nil {
		return buffer, nil
	}
	file, err := openLines(path)
	if err != nil {
		return nil, err
	}
	s.files[path], s.bufs[path] = file, bufio.NewWriterSize(file, bufferBytes)
	return s.bufs[path], nil
}

// Close writes out what is buffered, syncs it to disk, and closes the files.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for path, file := range s.files {
		failed = errors.Join(failed, s.flush(path))
		if !s.temporary {
			failed = errors.Join(failed, file.Sync())
		}
		failed = errors.Join(failed, file.Close())
	}
	clear(s.files)
	clear(s.bufs)
	if failed != nil {
		return fmt.Errorf("writing the scan's state: %w", failed)
	}
	return nil
}

func (s *Store) Remove(kind string) error {
	for part := range maxParts {
		if err := os.Remove(s.path(kind, part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clearing the scan's state: %w", err)
		}
	}
	return nil
}

// Rename gives the records of one part another kind.
func (s *Store) Rename(from, to string) error {
	err := os.Rename(s.path(from, 0), s.path(to, 0))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the scan's state: %w", err)
	}
	return nil
}

// maxLineBytes bounds one record: the largest answer fits, with escapes. A longer one is skipped
// when it is read, and its user is read again.
const maxLineBytes = 4 * (32 << 20)

// Each reads the records of one part. The visitor must skip a line that is not whole, as after a
// kill.
func (s *Store) Each(kind string, part int, visit func(line []byte) error) error {
	file, err := os.Open(s.path(kind, part))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the scan's state: %w", err)
	}
	defer file.Close()
	return eachLine(file, maxLineBytes, visit)
}

// eachLine visits the lines of a file, except those longer than most bytes.
func eachLine(file io.Reader, most int, visit func(line []byte) error) error {
	reader := bufio.NewReaderSize(file, 64<<10)
	var line []byte
	long := false
	for {
		piece, err := reader.ReadSlice('\n')
		long = long || len(line)+len(piece) > most
		if !long {
			line = append(line, piece...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return fmt.Errorf("reading the scan's state: %w", err)
		}
		if !long && len(line) > 0 {
			if failed := visit(bytes.TrimSuffix(line, []byte("\n"))); failed != nil {
				return failed
			}
		}
		if err != nil {
			return nil
		}
		line, long = line[:0], false
	}
}

// Each reads the records of one part and skips lines that cannot be read, as after a kill: their
// users are read again.
func Each[T any](store *Store, kind string, part int, visit func(T)) error {
	return store.Each(kind, part, func(line []byte) error {
		var value T
		if json.Unmarshal(line, &value) == nil {
			visit(value)
		}
		return nil
	})
}

// openLines opens a file for appending after its last whole line.
func openLines(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("writing the scan's state: %w", err)
	}
	end, err := wholeLines(file)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("writing the scan's state: %w", err)
	}
	return file, nil
}

// wholeLines returns the length of the file up to its last newline.
func wholeLines(file *os.File) (int64, error) {
	end, err := file.Seek(0, io.SeekEnd)
	buffer := make([]byte, 64<<10)
	for err == nil && end > 0 {
		start := max(end-int64(len(buffer)), 0)
		chunk := buffer[:end-start]
		if _, err = file.ReadAt(chunk, start); err != nil {
			break
		}
		if cut := strings.LastIndexByte(string(chunk), '\n'); cut >= 0 {
			return start + int64(cut) + 1, nil
		}
		end = start
	}
	return 0, err
}

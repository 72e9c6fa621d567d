package snapshot

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// bufferBytes is how much of a snapshot is held in memory before it is spilled, in bytes of keys and lines.
const bufferBytes = 16 << 20

// sorter is an external merge sort of lines by key. Lines that are the same are kept once; different lines of one key are all kept, in
// the order of their bytes.
type sorter struct {
	dir     string
	limit   int
	entries []entry
	bytes   int
	runs    []*os.File
}

type entry struct {
	key  string
	line []byte
}

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.key, b.key), bytes.Compare(a.line, b.line))
}

func (s *sorter) add(key string, line []byte) error {
	s.entries = append(s.entries, entry{key, line})
	s.bytes += len(key) + len(line)
	if s.bytes < s.limit {
		return nil
	}
	return s.spill()
}

// spill writes the buffer as one sorted run; close removes the file.
func (s *sorter) spill() error {
	file, err := os.CreateTemp(s.dir, ".guestlist-run-*")
	if err != nil {
		return fmt.Errorf("spilling the snapshot: %w", err)
	}
	s.runs = append(s.runs, file)
	slices.SortFunc(s.entries, compareEntries)
	w := bufio.NewWriterSize(file, 64<<10)
	var length []byte
	for _, e := range s.entries {
		length = binary.AppendUvarint(length[:0], uint64(len(e.key)))
		length = binary.AppendUvarint(length, uint64(len(e.line)))
		w.Write(length) // a failed write is remembered and told by Flush
		w.WriteString(e.key)
		w.Write(e.line)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("spilling the snapshot: %w", err)
	}
	s.entries, s.bytes = s.entries[:0], 0
	clear(s.entries[:cap(s.entries)])
	return nil
}

// sorted yields every line in order. A line is valid until the next.
func (s *sorter) sorted() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		merge, err := s.merge()
		if err != nil {
			yield(nil, err)
			return
		}
		var last entry
		for len(merge) > 0 {
			e := merge[0].entry
			if e.key != last.key || !bytes.Equal(e.line, last.line) {
				last = e
				if !yield(slices.Clip(e.line), nil) {
					return
				}
			}
			switch err := merge[0].next(); {
			case errors.Is(err, io.EOF):
				heap.Pop(&merge)
			case err != nil:
				yield(nil, fmt.Errorf("merging the snapshot: %w", err))
				return
			default:
				heap.Fix(&merge, 0)
			}
		}
	}
}

func (s *sorter) merge() (mergeHeap, error) {
	slices.SortFunc(s.entries, compareEntries)
	runs := []*run{{memory: s.entries}}
	for _, file := range s.runs {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("merging the snapshot: %w", err)
		}
		runs = append(runs, &run{file: bufio.NewReaderSize(file, 32<<10)})
	}
	var merge mergeHeap
	for _, run := range runs {
		switch err := run.next(); {
		case errors.Is(err, io.EOF):
		case err != nil:
			return nil, fmt.Errorf("merging the snapshot: %w", err)
		default:
			merge = append(merge, run)
		}
	}
	heap.Init(&merge)
	return merge, nil
}

func (s *sorter) close() {
	for _, file := range s.runs {
		file.Close()
		os.Remove(file.Name())
	}
	s.runs, s.entries, s.bytes = nil, nil, 0
}

// run is one sorted sequence, in memory or in a file.
type run struct {
	entry
	memory []entry
	file   *bufio.Reader
}

// next steps to the following entry; io.EOF at the end.
func (r *run) next() error {
	if r.file == nil {
		if len(r.memory) == 0 {
			return io.EOF
		}
		r.entry, r.memory = r.memory[0], r.memory[1:]
		return nil
	}
	keyLength, err := binary.ReadUvarint(r.file)
	if err != nil {
		return err
	}
	lineLength, err := binary.ReadUvarint(r.file)
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	both := make([]byte, keyLength+lineLength)
	if _, err := io.ReadFull(r.file, both); err != nil {
		return io.ErrUnexpectedEOF
	}
	r.entry = entry{string(both[:keyLength]), both[keyLength:]}
	return nil
}

type mergeHeap []*run

func (h mergeHeap) Len() int           { return len(h) }
func (h mergeHeap) Less(a, b int) bool { return compareEntries(h[a].entry, h[b].entry) < 0 }
func (h mergeHeap) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *mergeHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *mergeHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

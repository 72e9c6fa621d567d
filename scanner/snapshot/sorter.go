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

	"guestlist/scanner/atomicfile"
)

// bufferBytes is how much of a snapshot is held in memory before it is spilled, in bytes of keys
// and lines.
const bufferBytes = 8 << 20

// usualLine is more than most keys and lines take together: the buffer is spilled by the line that
// exceeds its limit.
const usualLine = 8 << 10

// sorter is an external merge sort of lines by key. Lines that are the same are kept once;
// different lines with one key are all kept, in byte order.
//
// Keys and lines are in one buffer, which is reused, so that a record costs no memory of its own.
// Sorted runs are spilled one after another into one temporary file, which leaves nothing behind
// when the process is killed.
type sorter struct {
	dir     string // where the file is; "" is the system's directory for temporary files
	limit   int
	buffer  []byte
	places  []place // of the entries in the buffer
	spilled *os.File
	ends    []int64 // where each run ends in the file
}

// entry is a line, with its line feed, and its key.
type entry struct{ key, line []byte }

// place is where an entry is in the buffer: a key, followed by its line.
type place struct{ start, keyLength, lineLength int }

func newSorter(dir string, limit int) *sorter { return &sorter{dir: dir, limit: limit} }

func compareEntries(a, b entry) int {
	return cmp.Or(bytes.Compare(a.key, b.key), bytes.Compare(a.line, b.line))
}

// add takes a copy of the key and the line.
func (s *sorter) add(key, line []byte) error {
	if need := len(s.buffer) + len(key) + len(line); need > cap(s.buffer) {
		s.buffer = slices.Grow(s.buffer, max(need, min(2*need, s.limit+usualLine))-len(s.buffer))
	}
	s.places = append(s.places, place{len(s.buffer), len(key), len(line)})
	s.buffer = append(append(s.buffer, key...), line...)
	if len(s.buffer) < s.limit {
		return nil
	}
	return s.spill()
}

func (s *sorter) entry(at place) entry {
	line := at.start + at.keyLength
	return entry{s.buffer[at.start:line], s.buffer[line : line+at.lineLength]}
}

// sort puts the places in the order of their entries.
func (s *sorter) sort() {
	slices.SortFunc(s.places, func(a, b place) int { return compareEntries(s.entry(a), s.entry(b)) })
}

// spill writes the buffer as one sorted run.
func (s *sorter) spill() error {
	if err := s.open(); err != nil {
		return fmt.Errorf("spilling the snapshot: %w", err)
	}
	s.sort()
	w := bufio.NewWriterSize(s.spilled, 64<<10)
	var head []byte
	end := s.end()
	for _, at := range s.places {
		head = binary.AppendUvarint(head[:0], uint64(at.keyLength))
		head = binary.AppendUvarint(head, uint64(at.lineLength))
		length := at.keyLength + at.lineLength
		w.Write(head) // a failed write is remembered and reported by Flush
		w.Write(s.buffer[at.start : at.start+length])
		end += int64(len(head) + length)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("spilling the snapshot: %w", atomicfile.Fault(s.spilled, err))
	}
	s.ends = append(s.ends, end)
	s.places, s.buffer = s.places[:0], s.buffer[:0]
	return nil
}

func (s *sorter) open() error {
	if s.spilled != nil {
		return nil
	}
	file, err := atomicfile.Temporary(s.dir)
	if err != nil {
		return err
	}
	s.spilled = file
	return nil
}

func (s *sorter) end() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
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
			if first := merge[0]; compareEntries(first.entry, last) != 0 {
				last.key, last.line = append(last.key[:0], first.key...), append(last.line[:0], first.line...)
				if !yield(first.line, nil) {
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
	s.sort()
	runs := []*run{{sorter: s, memory: s.places}}
	start := int64(0)
	for _, end := range s.ends {
		runs = append(runs, &run{file: bufio.NewReaderSize(io.NewSectionReader(s.spilled, start, end-start), 32<<10)})
		start = end
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
	if s.spilled != nil {
		s.spilled.Close()
	}
	s.spilled, s.ends, s.places, s.buffer = nil, nil, nil, nil
}

// run is one sorted sequence, in memory or in a file.
type run struct {
	entry
	sorter *sorter
	memory []place // in the sorter's buffer
	file   *bufio.Reader
	buffer []byte
}

// next advances to the following entry, which replaces the previous one; io.EOF at the end.
func (r *run) next() error {
	if r.file == nil {
		if len(r.memory) == 0 {
			return io.EOF
		}
		r.entry, r.memory = r.sorter.entry(r.memory[0]), r.memory[1:]
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
	r.buffer = slices.Grow(r.buffer[:0], int(keyLength+lineLength))[:keyLength+lineLength]
	if _, err := io.ReadFull(r.file, r.buffer); err != nil {
		return io.ErrUnexpectedEOF
	}
	r.entry = entry{r.buffer[:keyLength], r.buffer[keyLength:]}
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

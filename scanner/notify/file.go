package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

var fileKind = &Kind{
	Name: "file", About: "a file, for a web server, a log shipper or another program",
	Help: `The file is replaced as a whole by each message, so it always says what the last one did. With ` +
		`append = true, each message is added as one line of JSON instead (format = "digest"), with the message's id; ` +
		`nothing is ever removed: rotate the file yourself. A new file is readable by its owner only; one that exists ` +
		`keeps its mode.`,
	Keys: []Key{
		{Name: "path", Type: PathKey, Required: true, About: "the file", Example: `"/var/lib/guestlist/digest.json"`},
		contentKey("digest", "text", "markdown", "report", "page"),
		{Name: "append", Type: FlagKey, About: "add a line to the file instead of replacing it", Example: "true"},
	},
	Whole: true,
	New:   newFile,
}

// fileChannel writes messages to a file.
type fileChannel struct {
	path    string
	content content
	append  bool
}

func newFile(s Settings) (Channel, error) {
	f := &fileChannel{path: s.Texts["path"], append: s.Flags["append"],
		content: contentNamed(s.Texts["format"], "digest")}
	if f.append && f.content.name != "digest" {
		return nil, fmt.Errorf(`append = true needs format = "digest", is %q`, f.content.name)
	}
	return f, nil
}

// Prepare implements [Channel].
func (f *fileChannel) Prepare(d *Digest) ([]Payload, error) { return f.content.payload(d) }

// Deliver implements [Channel].
func (f *fileChannel) Deliver(_ context.Context, _ *Outside, m *Message) error {
	if f.append {
		return f.failure(f.add(m))
	}
	return f.failure(atomicfile.WriteFile(f.path, m.Body, atomicfile.Options{}))
}

// Check implements [Channel].
func (f *fileChannel) Check(context.Context, *Outside) error {
	if f.append {
		return f.failure(checkAppend(f.path))
	}
	return f.failure(atomicfile.Check(f.path, atomicfile.Options{}))
}

// failure is one that another attempt may get past: a full disk, a file system that is not mounted,
// a mode that somebody corrects.
func (f *fileChannel) failure(err error) error {
	if err == nil {
		return nil
	}
	var known *atomicfile.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &known):
		err = known.Err
	case errors.As(err, &path):
		err = path.Err
	}
	return &Failure{Host: f.path, Detail: inventory.Clean(err.Error(), maxDetailBytes), Temporary: true}
}

// maxTailBytes is how much of the file's end is searched for a message that was added before.
const maxTailBytes = 4 << 20

// add appends a message as one line, unless the end of the file has it. The start of the same line,
// as an interruption leaves it, is completed.
func (f *fileChannel) add(m *Message) (err error) {
	line, err := withID(m)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, atomicfile.DefaultMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	tail, err := tailOf(file)
	if err != nil {
		return err
	}
	cutAt := bytes.LastIndexByte(tail, '\n') + 1
	switch rest := tail[cutAt:]; {
	case bytes.Contains(tail, line):
		return nil
	case len(rest) > 0 && bytes.HasPrefix(line, rest):
		line = line[len(rest):]
	case len(rest) > 0:
		line = append([]byte("\n"), line...)
	}
	if _, err := file.Write(line); err != nil {
		return err
	}
	return file.Sync()
}

// withID is a message's digest as a line with the message's id.
func withID(m *Message) ([]byte, error) {
	id, err := json.Marshal(m.ID)
	if err != nil {
		return nil, err
	}
	rest, found := bytes.CutPrefix(m.Body, []byte("{"))
	if !found {
		return nil, errors.New("the message is not JSON")
	}
	return fmt.Appendf(nil, `{"id":%s,%s`+"\n", id, rest), nil
}

// tailOf returns the end of a file.
func tailOf(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file, and append = true needs one")
	}
	tail := make([]byte, min(info.Size(), maxTailBytes))
	_, err = file.ReadAt(tail, info.Size()-int64(len(tail)))
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return tail, err
}

// checkAppend reports whether a file could be added to, without creating it.
func checkAppend(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return atomicfile.Check(path, atomicfile.Options{})
	}
	if err != nil {
		return err
	}
	_, err = tailOf(file)
	return errors.Join(err, file.Close())
}

package firefox

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/profilefs"
)

// Limits on an xpi, in bytes. The store takes none above 200 MB. An xpi that lies about the number of its files makes archive/zip set
// aside at most a quarter of the xpi's size.
const (
	maxXPI          = 256 << 20
	maxXPIDirectory = 4 << 20 // what is read to find the manifest: tens of thousands of entries
	maxXPIEntries   = 50_000
)

// readManifest reads the manifest of an add-on: an xpi, or an unpacked folder.
func readManifest(dir *profilefs.Dir, name string) (*manifest, []string, error) {
	data, err := readEntry(dir, name, manifestFile, maxManifest)
	if err != nil {
		return nil, nil, err
	}
	return parseManifest(data)
}

// readEntry reads one file of an add-on: of an xpi, or of an unpacked folder.
func readEntry(dir *profilefs.Dir, name, entry string, limit int64) ([]byte, error) {
	file, size, err := dir.OpenFile(name, maxXPI)
	if errors.Is(err, profilefs.ErrNotRegular) {
		if info, statErr := dir.Stat(name); statErr == nil && info.IsDir() {
			return dir.Read(filepath.Join(name, filepath.FromSlash(entry)), limit, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return entryOf(file, size, entry, limit)
}

// entryOf unpacks one file of an xpi, and nothing else. No more is read than the limits allow, whatever the archive claims.
func entryOf(file io.ReaderAt, size int64, name string, limit int64) ([]byte, error) {
	if size == 0 {
		return nil, localprofile.ErrEmpty
	}
	source := &rationed{source: file, left: maxXPIDirectory}
	archive, err := zip.NewReader(source, size)
	switch {
	case source.left < 0:
		return nil, source.tooLarge("its list of files")
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, err
	case len(archive.File) > maxXPIEntries:
		return nil, fmt.Errorf("%w: %d files, limit %d", profilefs.ErrTooLarge, len(archive.File), maxXPIEntries)
	}
	var found *zip.File
	for _, entry := range archive.File {
		if entry.Name != name {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("it holds more than one %s", name)
		}
		found = entry
	}
	if found == nil {
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	source.left = limit + 64<<10 // packed, with its header
	return unpack(found, limit)
}

func unpack(entry *zip.File, limit int64) ([]byte, error) {
	if entry.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%s: %w: it announces %d bytes, limit %d", entry.Name, profilefs.ErrTooLarge, entry.UncompressedSize64, limit)
	}
	content, err := entry.Open()
	if err != nil {
		return nil, localprofile.Doing(err, "%s", entry.Name)
	}
	defer content.Close()
	data, err := io.ReadAll(io.LimitReader(content, limit+1))
	switch {
	case err != nil:
		return nil, localprofile.Doing(err, "unpacking %s", entry.Name)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%s: %w: more than %d bytes when unpacked", entry.Name, profilefs.ErrTooLarge, limit)
	}
	return data, nil
}

// rationed reads no more than left bytes in all; then left is negative.
type rationed struct {
	source io.ReaderAt
	left   int64
}

func (r *rationed) ReadAt(p []byte, offset int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, r.tooLarge("it")
	}
	return r.source.ReadAt(p, offset)
}

func (r *rationed) tooLarge(what string) error {
	return fmt.Errorf("%s is %w of %d bytes", what, profilefs.ErrTooLarge, maxXPIDirectory)
}

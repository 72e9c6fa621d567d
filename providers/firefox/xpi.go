package firefox

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"guestlist/providers/internal/profilefs"
)

// Limits on an xpi, in bytes. The store takes none above 200 MB.
const (
	maxXPI          = 512 << 20
	maxXPIDirectory = 4 << 20 // what is read to find the manifest: tens of thousands of entries
	maxXPIEntries   = 50_000
)

var errManyManifests = errors.New("it holds more than one manifest.json")

// readManifest reads the manifest of an add-on: an xpi, or an unpacked folder.
func readManifest(dir *profilefs.Dir, name string) (*manifest, []string, error) {
	info, err := dir.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	var data []byte
	if info.IsDir() {
		data, err = dir.Read(filepath.Join(name, manifestFile), maxManifest, nil)
	} else {
		data, err = readPacked(dir, name)
	}
	if err != nil {
		return nil, nil, err
	}
	return parseManifest(data)
}

func readPacked(dir *profilefs.Dir, name string) ([]byte, error) {
	file, size, err := dir.OpenFile(name, maxXPI)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return manifestOf(file, size)
}

// manifestOf unpacks the manifest.json of an xpi, and nothing else. No more is read than the limits allow, whatever the archive claims.
func manifestOf(file io.ReaderAt, size int64) ([]byte, error) {
	if size == 0 {
		return nil, errEmpty
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
		if entry.Name != manifestFile {
			continue
		}
		if found != nil {
			return nil, errManyManifests
		}
		found = entry
	}
	if found == nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, os.ErrNotExist)
	}
	source.left = maxManifest + 64<<10 // packed, with its header
	return unpack(found)
}

func unpack(entry *zip.File) ([]byte, error) {
	if entry.UncompressedSize64 > maxManifest {
		return nil, fmt.Errorf("%s: %w: it announces %d bytes, limit %d", manifestFile, profilefs.ErrTooLarge, entry.UncompressedSize64, maxManifest)
	}
	content, err := entry.Open()
	if err != nil {
		return nil, doing(err, "%s", manifestFile)
	}
	defer content.Close()
	data, err := io.ReadAll(io.LimitReader(content, maxManifest+1))
	switch {
	case err != nil:
		return nil, doing(err, "unpacking %s", manifestFile)
	case len(data) > maxManifest:
		return nil, fmt.Errorf("%s: %w: more than %d bytes when unpacked", manifestFile, profilefs.ErrTooLarge, maxManifest)
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

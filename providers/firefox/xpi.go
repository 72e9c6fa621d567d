package firefox

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"guestlist/providers/internal/localprofile"
)

// Limits on an xpi, in bytes. The store accepts none above 200 MB. An xpi that lies about the
// number of its files makes archive/zip allocate at most a quarter of the xpi's size.
const (
	maxXPI          = 256 << 20
	maxXPIDirectory = 4 << 20 // what is read to find the manifest: tens of thousands of entries
	maxXPIEntries   = 50_000
)

// errNoManifest is an add-on's package in which no browser of the family finds one.
var errNoManifest = errors.New("it holds neither " + manifestFile + " nor " + legacyFile)

// readManifest reads the manifest of an add-on: an xpi, or an unpacked directory. If it has no
// current one, it may have an older one, which a browser from that time prefers.
func readManifest(dir *localprofile.Dir, name string, isOld bool) (*manifest, []string, error) {
	if isOld {
		if m, err := readLegacy(dir, name); !isMissing(err) {
			return m, nil, err
		}
	}
	data, err := readEntry(dir, name, manifestFile, maxManifest)
	if isMissing(err) {
		m, err := readLegacy(dir, name)
		if isMissing(err) {
			err = errNoManifest
		}
		return m, nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	return parseManifest(data)
}

// readEntry reads one file of an add-on: of an xpi, or of an unpacked directory.
func readEntry(dir *localprofile.Dir, name, entry string, limit int64) ([]byte, error) {
	file, size, err := dir.OpenFile(name, maxXPI)
	if errors.Is(err, localprofile.ErrNotRegular) {
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

// entryOf unpacks one file of an xpi, and nothing else. No more is read than the limits allow,
// whatever the archive claims.
func entryOf(file io.ReaderAt, size int64, name string, limit int64) ([]byte, error) {
	if size == 0 {
		return nil, localprofile.ErrEmpty
	}
	source := &rationed{source: file, left: maxXPIDirectory}
	if err := checkLayout(source, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(source, size)
	switch {
	case source.left < 0:
		return nil, source.tooLarge("its list of files")
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, err
	case len(archive.File) > maxXPIEntries:
		return nil, fmt.Errorf("%w: %d files, limit %d", localprofile.ErrTooLarge, len(archive.File), maxXPIEntries)
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

// Signatures of zip records (APPNOTE.TXT 4.3), and where the browser looks for a directory at the
// front.
const (
	zipEnd         = "PK\x05\x06"
	zip64Locator   = "PK\x06\x07"
	zipDirectory   = "PK\x01\x02"
	crxMagic       = "Cr24" // Chromium's header, whose length the browser adds to every offset
	zipEndSize     = 22
	zip64FindSize  = 20
	maxZipComment  = 1<<16 - 1
	frontDirectory = 4 // an "optimized" archive begins with its directory (nsZipArchive.cpp)
)

// errTwoReadings is an archive that the browser and a zip library may take for two different ones.
var errTwoReadings = errors.New("its zip directory is where no packer puts it, so the browser may read other files than guestlist does")

// checkLayout refuses archives whose directory two readers may look for in different places: the
// browser uses the offset in the last end record as it is, or a directory at the front, and does
// not know 64-bit records.
func checkLayout(source io.ReaderAt, size int64) error {
	head, err := readAt(source, 0, min(size, frontDirectory+int64(len(zipDirectory))))
	if err != nil {
		return err
	}
	if len(head) > frontDirectory && string(head[frontDirectory:]) == zipDirectory ||
		bytes.HasPrefix(head, []byte(crxMagic)) {
		return errTwoReadings
	}
	for _, most := range []int64{zipEndSize + zip64FindSize,
		zipEndSize + zip64FindSize + maxZipComment} { // few have a comment
		tail, err := readAt(source, size-min(size, most), min(size, most))
		if err != nil {
			return err
		}
		if end := bytes.LastIndex(tail, []byte(zipEnd)); end >= 0 && len(tail)-end >= zipEndSize {
			return checkEnd(tail, end, size)
		}
	}
	return zip.ErrFormat
}

// checkEnd compares the end record at tail[end:] with where it is: the directory ends where it
// begins.
func checkEnd(tail []byte, end int, size int64) error {
	length, offset := binary.LittleEndian.Uint32(tail[end+12:]), binary.LittleEndian.Uint32(tail[end+16:])
	hasLocator := end >= zip64FindSize && string(tail[end-zip64FindSize:][:len(zip64Locator)]) == zip64Locator
	if hasLocator || int64(length)+int64(offset) != size-int64(len(tail)-end) {
		return errTwoReadings
	}
	return nil
}

func readAt(source io.ReaderAt, offset, length int64) ([]byte, error) {
	data := make([]byte, length)
	if _, err := source.ReadAt(data, offset); err != nil && err != io.EOF {
		return nil, err
	}
	return data, nil
}

func unpack(entry *zip.File, limit int64) ([]byte, error) {
	if entry.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%s: %w: it declares %d bytes, limit %d", entry.Name, localprofile.ErrTooLarge,
			entry.UncompressedSize64, limit)
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
		return nil, fmt.Errorf("%s: %w: more than %d bytes when unpacked", entry.Name, localprofile.ErrTooLarge, limit)
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
	return fmt.Errorf("%s is %w of %d bytes", what, localprofile.ErrTooLarge, maxXPIDirectory)
}

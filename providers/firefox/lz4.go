package firefox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pierrec/lz4/v4"

	"guestlist/providers/internal/localprofile"
)

// maxStartup bounds addonStartup.json.lz4, packed and unpacked, in bytes. Real ones stay below 1
// MiB.
const maxStartup = 32 << 20

// maxRatio is the most that LZ4 can shrink: one byte of a length means 255 bytes.
const maxRatio = 255

var mozMagic = []byte("mozLz40\x00")

// unpackMozLz4 unpacks Mozilla's wrapping of one LZ4 block: the magic, the unpacked size in four
// bytes (little-endian), the block. The declared size is believed only as far as the block can hold
// that much.
func unpackMozLz4(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, localprofile.ErrEmpty
	}
	head := len(mozMagic) + 4
	if len(packed) < head || !bytes.HasPrefix(packed, mozMagic) {
		return nil, errors.New("it does not begin as a mozLz4 file does")
	}
	size := int64(binary.LittleEndian.Uint32(packed[len(mozMagic):]))
	block := packed[head:]
	switch {
	case size > maxStartup:
		return nil, fmt.Errorf("unpacking: %w: it declares %d bytes, limit %d", localprofile.ErrTooLarge, size, maxStartup)
	case size > int64(len(block))*maxRatio:
		return nil, fmt.Errorf("its declared size of %d bytes is wrong: %d packed bytes cannot hold them", size,
			len(block))
	}
	unpacked := make([]byte, size)
	n, err := lz4.UncompressBlock(block, unpacked)
	switch {
	case err != nil:
		return nil, fmt.Errorf("its LZ4 block is damaged, or longer than the %d bytes it declares", size)
	case int64(n) != size:
		return nil, fmt.Errorf("its declared size of %d bytes is wrong: it holds %d", size, n)
	}
	return unpacked, nil
}

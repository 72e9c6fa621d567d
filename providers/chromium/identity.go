package chromium

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"guestlist/providers/internal/localprofile"
)

// idLength is the length of an extension ID: 16 bytes, each half byte a letter from a to p.
const idLength = 32

// cleanID returns an extension ID in lower case, or false if text is not one.
func cleanID(text string) (string, bool) {
	if len(text) != idLength {
		return "", false
	}
	text = strings.ToLower(text)
	return text, strings.Trim(text, "abcdefghijklmnop") == ""
}

// idFromKey derives the ID from a manifest's key, the base64 of a public key with or without PEM
// armor. It returns false for a key that is not base64.
func idFromKey(key string) (string, bool) {
	if strings.HasPrefix(strings.TrimSpace(key), "-----BEGIN") {
		var lines []string
		for line := range strings.Lines(key) {
			if !strings.HasPrefix(strings.TrimSpace(line), "-----") {
				lines = append(lines, line)
			}
		}
		key = strings.Join(lines, "")
	}
	key = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, key)
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(der) == 0 {
		return "", false
	}
	return idFromHash(sha256.Sum256(der)), true
}

// idFromPath derives the ID of an unpacked extension without a key from its absolute path. Windows
// hashes the path's UTF-16 form with the drive letter in upper case.
func idFromPath(path string) string {
	if !localprofile.IsWindowsPath(path) {
		return idFromHash(sha256.Sum256([]byte(path)))
	}
	path = strings.ToUpper(path[:1]) + path[1:]
	var wide []byte
	for _, unit := range utf16.Encode([]rune(path)) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	return idFromHash(sha256.Sum256(wide))
}

func idFromHash(hash [sha256.Size]byte) string {
	id := make([]byte, 0, idLength)
	for _, b := range hash[:idLength/2] {
		id = append(id, 'a'+b>>4, 'a'+b&15)
	}
	return string(id)
}

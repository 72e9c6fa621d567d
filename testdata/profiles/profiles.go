// Package profiles holds homes that real browsers wrote: Chromium and Firefox ESR, headless, with
// extensions made for the purpose (testdata/extensions). The demo scans them, and tests do.
// README.md says what each of them shows, and what was altered by hand.
//
// TestCapture in providers/internal/realbrowser writes them anew. Nobody's data is in them.
package profiles

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FS holds three folders: homes (one home each), earlier (those homes that were different before,
// whole) and system (what absolute paths in the homes lead to).
//
//go:embed all:homes all:earlier all:system
var FS embed.FS

// Extract writes the profiles below dir: homes/NAME and earlier/NAME, the homes as they are and as
// they were, and system, the folder that stands for "/" in both. Files that exist already are an
// error.
func Extract(dir string) error {
	for _, part := range []string{"homes", "earlier", "system"} {
		if err := extract(part, filepath.Join(dir, part)); err != nil {
			return err
		}
	}
	homes, err := fs.ReadDir(FS, "homes")
	if err != nil {
		return fmt.Errorf("listing the shipped homes: %w", err)
	}
	for _, home := range homes {
		_, err := fs.Stat(FS, "earlier/"+home.Name())
		if errors.Is(err, fs.ErrNotExist) {
			err = extract("homes/"+home.Name(), filepath.Join(dir, "earlier", home.Name()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func extract(part, dir string) error {
	tree, err := fs.Sub(FS, part)
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, tree); err != nil {
		return fmt.Errorf("writing the shipped %s: %w", part, err)
	}
	return nil
}

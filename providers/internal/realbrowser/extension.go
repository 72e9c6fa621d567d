package realbrowser

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Extension is one version of an extension of our own. Its signing key follows from its name, so
// that its Chromium ID is the same in every run and no key has to be stored: these keys protect
// nothing.
type Extension struct {
	Name    string // of its directory; determines the key
	Version string
	Files   map[string][]byte // by path with "/", manifest.json among them
}

// ReadExtension reads the directory <name>/<version> of sources.
func ReadExtension(sources fs.FS, name, version string) (*Extension, error) {
	e := &Extension{Name: name, Version: version, Files: map[string][]byte{}}
	folder, err := fs.Sub(sources, name+"/"+version)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		e.Files[path], err = fs.ReadFile(folder, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the extension %q: %w", name, err)
	}
	return e, nil
}

// ID is the extension's ID in Chromium: the first half of the SHA-256 of its public key, with each
// half byte written as a letter from a to p.
func (e *Extension) ID() (string, error) {
	_, public, err := e.key()
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(public)
	id := make([]byte, 0, len(hash))
	for _, b := range hash[:len(hash)/2] {
		id = append(id, 'a'+b>>4, 'a'+b&15)
	}
	return string(id), nil
}

// key derives the key pair from the name: the private key, and the public one as DER.
func (e *Extension) key() (*ecdsa.PrivateKey, []byte, error) {
	seed := sha256.Sum256([]byte("guestlist test extension: " + e.Name))
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		return nil, nil, fmt.Errorf("making a key for %q: %w", e.Name, err)
	}
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	return private, public, err
}

// WithManifest returns a copy whose manifest has further members, such as "key" or "update_url".
// The manifest must not have them.
func (e *Extension) WithManifest(members map[string]any) (*Extension, error) {
	manifest := map[string]any{}
	if err := json.Unmarshal(e.Files["manifest.json"], &manifest); err != nil {
		return nil, fmt.Errorf("decoding the manifest of %q: %w", e.Name, err)
	}
	maps.Copy(manifest, members)
	encoded, err := json.Marshal(manifest, jsontext.Multiline(true), json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding the manifest of %q: %w", e.Name, err)
	}
	files := maps.Clone(e.Files)
	files["manifest.json"] = encoded
	return &Extension{Name: e.Name, Version: e.Version, Files: files}, nil
}

// WithKey returns a copy whose manifest names the public key, so that it has the same ID when it is
// loaded unpacked.
func (e *Extension) WithKey() (*Extension, error) {
	_, public, err := e.key()
	if err != nil {
		return nil, err
	}
	return e.WithManifest(map[string]any{"key": base64.StdEncoding.EncodeToString(public)})
}

// WriteTo writes the files below a directory, as a developer has them.
func (e *Extension) WriteTo(folder string) error {
	for _, path := range slices.Sorted(maps.Keys(e.Files)) {
		file := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, e.Files[path], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Zip packs the files; with the suffix .xpi that is an unsigned Firefox add-on. Equal files result
// in equal bytes.
func (e *Extension) Zip() ([]byte, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, path := range slices.Sorted(maps.Keys(e.Files)) {
		file, err := w.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(e.Files[path]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return packed.Bytes(), err
}

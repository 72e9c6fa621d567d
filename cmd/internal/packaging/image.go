package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"debug/buildinfo"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// The image is an OCI image layout, https://github.com/opencontainers/image-spec: files in a
// directory, made without a daemon, a registry or a base image. Besides the program it holds
// Mozilla's certificate authorities, which come from a Go module, and nothing else: no shell, no
// package manager, no C library. There is one layer for each platform, and an index of them.
//
// It runs as a user that has no rights on the host, with a read-only root: it writes to the state
// directory, which is a volume, and to the temporary directory.

// imageUser is the ID of the user and the group. Images without a shell use it by custom, and no
// distribution assigns it.
const imageUser = 65532

const (
	stateDirectory         = "var/lib/guestlist"
	configurationDirectory = "etc/guestlist"
	certificatesFile       = "etc/ssl/certs/ca-certificates.crt"
)

// imageOptions are what is the same on every platform.
type imageOptions struct {
	release, revision string
	date              time.Time
	documents         []string
}

func writeImage(args []string) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	o := imageOptions{}
	flags.StringVar(&o.release, "release", "devel", "the `version` of the program")
	flags.StringVar(&o.revision, "commit", "", "the `hash` of the commit")
	documents := flags.String("documents", "", "the `files` to put beside the program, with commas between them")
	date := dateFlag(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 2 {
		return fmt.Errorf("image takes a directory and a program for each platform, and has %d paths", flags.NArg())
	}
	o.date = date.Time
	if *documents != "" {
		o.documents = strings.Split(*documents, ",")
	}
	layout := &layout{dir: flags.Arg(0)}
	index, err := layout.addIndex(&o, flags.Args()[1:])
	if err != nil {
		return err
	}
	if err := layout.finish(index, o.release); err != nil {
		return err
	}
	fmt.Println(index.Digest)
	return nil
}

// layout is a directory of blobs, which are named by their digests.
type layout struct{ dir string }

func (l *layout) addIndex(o *imageOptions, programs []string) (ocispec.Descriptor, error) {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Annotations: o.labels()}
	for _, program := range programs {
		manifest, err := l.addPlatform(o, program)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		index.Manifests = append(index.Manifests, manifest)
	}
	return l.addJSON(ocispec.MediaTypeImageIndex, index)
}

// addPlatform adds the image of one program.
func (l *layout) addPlatform(o *imageOptions, program string) (ocispec.Descriptor, error) {
	platform, err := platformOf(program)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	content, err := o.rootFiles(program)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	layer, err := l.addLayer(content)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	config, err := l.addJSON(ocispec.MediaTypeImageConfig, ocispec.Image{
		Created: &o.date, Platform: platform,
		Config: ocispec.ImageConfig{
			User: fmt.Sprintf("%d:%[1]d", imageUser),
			Env: []string{
				"PATH=/usr/bin", "SSL_CERT_FILE=/" + certificatesFile,
				"STATE_DIRECTORY=/" + stateDirectory, "CONFIGURATION_DIRECTORY=/" + configurationDirectory,
			},
			Entrypoint: []string{"/usr/bin/guestlist"}, WorkingDir: "/", Labels: o.labels(),
			Volumes: map[string]struct{}{"/" + stateDirectory: {}},
		},
		RootFS:  ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(content)}},
		History: []ocispec.History{{Created: &o.date, CreatedBy: "guestlist's packaging"}},
	})
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	manifest, err := l.addJSON(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: config, Layers: []ocispec.Descriptor{layer}, Annotations: o.labels(),
	})
	manifest.Platform = &platform
	return manifest, err
}

// labels say what the image is, by the names that the specification gives.
func (o *imageOptions) labels() map[string]string {
	labels := map[string]string{
		ocispec.AnnotationTitle:       "guestlist",
		ocispec.AnnotationDescription: "Lists the third-party software that was let in, and says whether anyone agreed to it",
		ocispec.AnnotationVersion:     o.release,
		ocispec.AnnotationCreated:     o.date.Format(time.RFC3339),
		ocispec.AnnotationLicenses:    "Apache-2.0",
	}
	if o.revision != "" {
		labels[ocispec.AnnotationRevision] = o.revision
	}
	return labels
}

// platformOf reads what a program was built for from the program.
func platformOf(program string) (ocispec.Platform, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return ocispec.Platform{}, fmt.Errorf("reading what %s was built for: %w", program, err)
	}
	platform := ocispec.Platform{OS: settingOf(info, "GOOS"), Architecture: settingOf(info, "GOARCH")}
	if platform.OS != "linux" {
		return platform, fmt.Errorf("%s was built for %s, and the image is for linux", program, platform.OS)
	}
	return platform, nil
}

// rootFiles is the file system, as a tar archive whose entries are the same on every machine.
func (o *imageOptions) rootFiles(program string) ([]byte, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	certificates, err := certificates()
	if err != nil {
		return nil, err
	}
	id := strconv.Itoa(imageUser)
	root := &archive{date: o.date}
	root.writer = tar.NewWriter(&root.content)
	root.directories("etc", configurationDirectory, "etc/ssl", "etc/ssl/certs")
	root.file(tar.Header{Name: "etc/group", Mode: 0o644}, []byte("root:x:0:\nguestlist:x:"+id+":\n"))
	root.file(tar.Header{Name: "etc/passwd", Mode: 0o644}, []byte("root:x:0:0:root:/:/sbin/nologin\n"+
		"guestlist:x:"+id+":"+id+":guestlist:/"+stateDirectory+":/sbin/nologin\n"))
	root.file(tar.Header{Name: certificatesFile, Mode: 0o644}, certificates)
	root.file(tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, nil)
	root.directories("usr", "usr/bin", "usr/share", "usr/share/doc", "usr/share/doc/guestlist")
	root.file(tar.Header{Name: "usr/bin/guestlist", Mode: 0o755}, content)
	for _, path := range o.documents {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		root.file(tar.Header{Name: "usr/share/doc/guestlist/" + filepath.Base(path), Mode: 0o644}, text)
	}
	root.directories("var", "var/lib")
	root.file(tar.Header{Typeflag: tar.TypeDir, Name: stateDirectory + "/", Mode: 0o700, Uid: imageUser, Gid: imageUser}, nil)
	if root.err == nil {
		root.err = root.writer.Close()
	}
	return root.content.Bytes(), root.err
}

// archive is a tar archive; after a failure, nothing more is added.
type archive struct {
	content bytes.Buffer
	writer  *tar.Writer
	date    time.Time
	err     error
}

func (a *archive) directories(names ...string) {
	for _, name := range names {
		a.file(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755}, nil)
	}
}

func (a *archive) file(header tar.Header, content []byte) {
	if a.err != nil {
		return
	}
	header.ModTime, header.Size, header.Format = a.date, int64(len(content)), tar.FormatUSTAR
	if a.err = a.writer.WriteHeader(&header); a.err == nil {
		_, a.err = a.writer.Write(content)
	}
}

// certificates are the authorities that Mozilla trusts, in PEM. Those that it trusts for some names
// or until some day only are left out, because the file cannot say so.
func certificates() ([]byte, error) {
	var file bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if _, err := x509.ParseCertificate(root.Certificate); err != nil {
			return nil, fmt.Errorf("reading a certificate authority: %w", err)
		}
		if err := pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	return file.Bytes(), nil
}

// addLayer compresses and adds the file system.
func (l *layout) addLayer(content []byte) (ocispec.Descriptor, error) {
	compressed, err := gzipped(content)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return l.add(ocispec.MediaTypeImageLayerGzip, compressed)
}

func (l *layout) addJSON(mediaType string, value any) (ocispec.Descriptor, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return l.add(mediaType, content)
}

func (l *layout) add(mediaType string, content []byte) (ocispec.Descriptor, error) {
	sum := digest.FromBytes(content)
	return ocispec.Descriptor{MediaType: mediaType, Digest: sum, Size: int64(len(content))},
		writeAll(filepath.Join(l.dir, ocispec.ImageBlobsDir, sum.Algorithm().String()),
			map[string]string{sum.Encoded(): string(content)})
}

// finish names the image in the layout.
func (l *layout) finish(image ocispec.Descriptor, name string) error {
	image.Annotations = map[string]string{ocispec.AnnotationRefName: name}
	index, err := json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{image}})
	if err != nil {
		return err
	}
	version, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	return writeAll(l.dir, map[string]string{ocispec.ImageIndexFile: string(index), ocispec.ImageLayoutFile: string(version)})
}

// gzipped compresses without a name or a time.
func gzipped(content []byte) ([]byte, error) {
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed.Bytes(), nil
}

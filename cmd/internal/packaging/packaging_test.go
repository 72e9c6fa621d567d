package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const commitDay = "2026-11-25T10:00:00+01:00"

func TestWhatIsMadeTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	programs := []string{build(t, "amd64"), build(t, "arm64")}
	for name, args := range map[string][]string{
		"man":         {"man", "-release", "v1.2.3", "-date", commitDay, "{dir}"},
		"man-gzip":    {"man", "-gzip", "-release", "v1.2.3", "-date", commitDay, "{dir}"},
		"completions": {"completions", "{dir}"},
		"notices":     {"notices", "{dir}/notices"},
		"image":       append([]string{"image", "-release", "v1.2.3", "-date", commitDay, "{dir}"}, programs...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var made [2]map[string]string
			for n := range made {
				dir := filepath.Join(t.TempDir(), "made")
				var own []string
				for _, arg := range args {
					own = append(own, strings.Replace(arg, "{dir}", dir, 1))
				}
				if err := run(own); err != nil {
					t.Fatal(err)
				}
				made[n] = filesBelow(t, dir)
			}
			if len(made[0]) == 0 {
				t.Error("nothing was made")
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(made[0])), slices.Sorted(maps.Keys(made[1]))); diff != "" {
				t.Errorf("(-first +second):\n%s", diff)
			}
			for name, content := range made[0] {
				if content != made[1][name] {
					t.Errorf("%s differs", name)
				}
			}
		})
	}
}

func TestAnImageRunsAsAUserOfItsOwnAndHoldsTheProgramAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "image")
	licence := filepath.Join(t.TempDir(), "LICENSE")
	if err := os.WriteFile(licence, []byte("terms"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := build(t, "arm64")
	if err := run([]string{"image", "-release", "v1.2.3", "-commit", "0123", "-date", commitDay, "-documents", licence, dir,
		build(t, "amd64"), program}); err != nil {
		t.Fatal(err)
	}
	top := blobs[ocispec.Index](t, dir, index(t, dir))
	var platforms []string
	for _, manifest := range top.Manifests {
		platforms = append(platforms, manifest.Platform.OS+"/"+manifest.Platform.Architecture)
	}
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	manifest := blobs[ocispec.Manifest](t, dir, top.Manifests[1])
	config := blobs[ocispec.Image](t, dir, manifest.Config)
	want := ocispec.ImageConfig{User: "65532:65532", WorkingDir: "/", Entrypoint: []string{"/usr/bin/guestlist"},
		Env: []string{"PATH=/usr/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
			"STATE_DIRECTORY=/var/lib/guestlist", "CONFIGURATION_DIRECTORY=/etc/guestlist"},
		Volumes: map[string]struct{}{"/var/lib/guestlist": {}}, Labels: config.Config.Labels}
	if diff := cmp.Diff(want, config.Config); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := config.Config.Labels; got[ocispec.AnnotationVersion] != "v1.2.3" || got[ocispec.AnnotationRevision] != "0123" ||
		got[ocispec.AnnotationCreated] != "2026-11-25T09:00:00Z" {
		t.Errorf("the labels are %v", got)
	}

	listing, contents := entries(t, blob(t, dir, manifest.Layers[0]), config.RootFS.DiffIDs[0])
	if diff := cmp.Diff(`drwxr-xr-x 0 etc/
drwxr-xr-x 0 etc/guestlist/
drwxr-xr-x 0 etc/ssl/
drwxr-xr-x 0 etc/ssl/certs/
-rw-r--r-- 0 etc/group
-rw-r--r-- 0 etc/passwd
-rw-r--r-- 0 etc/ssl/certs/ca-certificates.crt
dtrwxrwxrwx 0 tmp/
drwxr-xr-x 0 usr/
drwxr-xr-x 0 usr/bin/
drwxr-xr-x 0 usr/share/
drwxr-xr-x 0 usr/share/doc/
drwxr-xr-x 0 usr/share/doc/guestlist/
-rwxr-xr-x 0 usr/bin/guestlist
-rw-r--r-- 0 usr/share/doc/guestlist/LICENSE
drwxr-xr-x 0 var/
drwxr-xr-x 0 var/lib/
drwx------ 65532 var/lib/guestlist/
`, listing); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if content, err := os.ReadFile(program); err != nil || string(content) != contents["usr/bin/guestlist"] {
		t.Errorf("the program in the image is not the one that was given (%v)", err)
	}
	if count := strings.Count(contents["etc/ssl/certs/ca-certificates.crt"], "BEGIN CERTIFICATE"); count < 100 {
		t.Errorf("%d certificate authorities, want those of Mozilla, more than 100", count)
	}
}

func TestAnImageIsNotMadeOfAProgramForAnotherSystem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ program, want string }{
		"no-program":   {"packaging_test.go", "reading what packaging_test.go was built for"},
		"other-system": {buildFor(t, "windows", "amd64"), "was built for windows, and the image is for linux"},
		"missing":      {"missing", "reading what missing was built for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run([]string{"image", t.TempDir(), test.program})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want %q", err, test.want)
			}
		})
	}
}

func TestABillOfMaterialsListsWhatWasLinked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program, document := filepath.Join(dir, "guestlist"), filepath.Join(dir, "guestlist.spdx.json")
	goBuild(t, nil, "-tags=grpcnotrace", "-o", program, "guestlist/cmd/guestlist")
	if err := run([]string{"sbom", "-release", "v1.2.3", "-date", commitDay, program, document}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var bill spdxDocument
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&bill); err != nil {
		t.Fatal(err)
	}
	var listed []string
	ids := map[string]bool{}
	for _, module := range bill.Packages {
		listed = append(listed, module.Name+" "+module.Version)
		if !regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`).MatchString(module.ID) || ids[module.ID] {
			t.Errorf("%q is no ID of its own", module.ID)
		}
		ids[module.ID] = true
		if module.LicenceConcluded == "" || module.LicenceConcluded == spdxUnknown {
			t.Errorf("%s has no licence", module.Name)
		}
	}
	output, err := exec.Command("go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`: go(\S+)`).FindStringSubmatch(string(output))
	want := []string{"guestlist v1.2.3", "stdlib " + version[1]}
	for _, module := range regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(string(output), -1) {
		want = append(want, module[1]+" "+module[2])
	}
	if diff := cmp.Diff(want, listed); diff != "" || len(want) < 20 {
		t.Errorf("%d modules were linked; (-want +got):\n%s", len(want), diff)
	}
	if len(bill.Relationships) != len(bill.Packages) || bill.CreationInfo.Created != "2026-11-25T09:00:00Z" {
		t.Errorf("%d relations of %d packages, created %s", len(bill.Relationships), len(bill.Packages), bill.CreationInfo.Created)
	}
}

func TestABillOfMaterialsRefusesAModuleThatNobodyReviewed(t *testing.T) {
	t.Parallel()
	self, err := os.Executable() // a test has modules that the program has not
	if err != nil {
		t.Fatal(err)
	}
	err = run([]string{"sbom", self, filepath.Join(t.TempDir(), "document")})
	if err == nil || !strings.HasSuffix(err.Error(), "and not in "+modulesFile) {
		t.Errorf("got the error %v", err)
	}
}

func TestTheNoticesHoldALicenceOfEveryModuleOfTheProgram(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notices")
	if err := run([]string{"notices", path}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	top, err := topOf()
	if err != nil {
		t.Fatal(err)
	}
	licences, err := readLicences(top)
	if err != nil {
		t.Fatal(err)
	}
	for module := range licences {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(module) + ` v\S+: `).Match(text) {
			t.Errorf("%s is not there", module)
		}
	}
}

func TestWrongUseIsExplained(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing":  {nil, "usage: packaging completions|image|man|notices|sbom [flags] PATH"},
		"unknown":  {[]string{"rpm"}, "usage: packaging completions|image|man|notices|sbom [flags] PATH"},
		"no-path":  {[]string{"man"}, "man takes one path after its flags, and has 0"},
		"bad-date": {[]string{"man", "-date", "yesterday", "x"}, `invalid value "yesterday" for flag -date`},
		"image":    {[]string{"image", "x"}, "image takes a directory and a program for each platform, and has 1 paths"},
		"sbom":     {[]string{"sbom", "x"}, "sbom takes the program and the document, and has 1 paths"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(test.args); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got the error %v, want %q", err, test.want)
			}
		})
	}
}

// build builds a small program for Linux.
func build(t *testing.T, arch string) string { return buildFor(t, "linux", arch) }

func buildFor(t *testing.T, system, arch string) string {
	t.Helper()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	goBuild(t, []string{"GOOS=" + system, "GOARCH=" + arch}, "-trimpath", "-ldflags=-s -w", "-o", program, source)
	return program
}

func goBuild(t *testing.T, environment []string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"build"}, args...)...)
	command.Env = append(append(os.Environ(), "CGO_ENABLED=0"), environment...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

// filesBelow are the contents of all files of a directory, by their paths.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// index is what the layout names.
func index(t *testing.T, dir string) ocispec.Descriptor {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		t.Fatal(err)
	}
	var named ocispec.Index
	if err := json.Unmarshal(content, &named); err != nil || len(named.Manifests) != 1 {
		t.Fatalf("%d images are named (%v)", len(named.Manifests), err)
	}
	return named.Manifests[0]
}

// blob is a file of the layout, whose size and digest must be as described.
func blob(t *testing.T, dir string, described ocispec.Descriptor) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "blobs", "sha256", described.Digest.Encoded()))
	if err != nil {
		t.Fatal(err)
	}
	if got := digest.FromBytes(content); got != described.Digest || int64(len(content)) != described.Size {
		t.Errorf("%s of %d bytes is described as %s of %d", got, len(content), described.Digest, described.Size)
	}
	return content
}

// blobs reads a blob of JSON.
func blobs[T any](t *testing.T, dir string, described ocispec.Descriptor) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(blob(t, dir, described), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// entries lists a layer, whose digest without compression must be as the configuration says, with
// the contents of its files.
func entries(t *testing.T, layer []byte, want digest.Digest) (listing string, contents map[string]string) {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(layer))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if got := digest.FromBytes(content); got != want {
		t.Errorf("the layer is %s without compression, and the configuration says %s", got, want)
	}
	contents = map[string]string{}
	reader := tar.NewReader(bytes.NewReader(content))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return listing, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		file, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		contents[header.Name] = string(file)
		listing += fmt.Sprintf("%s %d %s\n", header.FileInfo().Mode(), header.Uid, header.Name)
	}
}

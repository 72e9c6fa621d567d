package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// packagesVariable names the directory that .ci/packages fills with what the vendors of browsers
// and platforms publish.
const packagesVariable = "GUESTLIST_TEST_PACKAGES"

// Unavailable skips a test whose reference is not available. With CI=true on Linux it fails the
// test, since .ci/run installs and fetches everything there.
func Unavailable(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" && runtime.GOOS == "linux" {
		t.Fatalf("%s, and CI=true requires it", why)
	}
	t.Skipf("%s; this comparison did not run", why)
}

// PackageDir is the directory into which .ci/packages unpacked an npm package.
func PackageDir(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv(packagesVariable)
	if dir == "" {
		Unavailable(t, packagesVariable+" does not name the directory that .ci/packages fills")
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// ModuleDir is the source directory of a Go module that guestlist is built with.
func ModuleDir(t testing.TB, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		Unavailable(t, "the source of the module "+path+" is not here")
	}
	return dir
}

// ReadPackageFile returns a file of an npm package that .ci/packages unpacked.
func ReadPackageFile(t testing.TB, name, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(PackageDir(t, name), filepath.FromSlash(file)))
	if err != nil {
		Unavailable(t, "the file "+file+" of the package "+name+" is not here")
	}
	return string(content)
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// modulesFile is the reviewed list of the modules of others, with their licences.
const modulesFile = "cmd/internal/house/testdata/modules.txt"

// readLicences returns the licences of the modules that are compiled into the program, by the
// modules' paths.
func readLicences(top string) (map[string][]string, error) {
	text, err := os.ReadFile(filepath.Join(top, modulesFile))
	if err != nil {
		return nil, err
	}
	licences := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 3 && fields[0] == "program" {
			licences[fields[2]] = strings.Split(fields[1], "+")
		}
	}
	if len(licences) == 0 {
		return nil, fmt.Errorf("%s lists no module of the program", modulesFile)
	}
	return licences, nil
}

// topOf is the directory of go.mod.
func topOf() (string, error) {
	output, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("looking for go.mod: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(output))), nil
}

// noticeFile is the name of a file with the terms on which a module may be passed on.
var noticeFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.(md|txt))?$`)

// writeNotices collects the licences and notices of others that must accompany the program.
func writeNotices(args []string) error {
	path, err := oneArgument(flag.NewFlagSet("notices", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	top, err := topOf()
	if err != nil {
		return err
	}
	licences, err := readLicences(top)
	if err != nil {
		return err
	}
	dirs, err := dirsOf(licences)
	if err != nil {
		return err
	}
	var notices bytes.Buffer
	notices.WriteString("guestlist contains the following software of others, on the terms below each name.\n")
	for _, dir := range dirs {
		if err := addNotices(&notices, dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, notices.Bytes(), 0o644)
}

// source is where the files of a module are.
type source struct{ title, dir string }

// dirsOf returns Go itself and the modules, in the order of their paths. It fetches those that are
// not here, such as what only another platform needs.
func dirsOf(licences map[string][]string) ([]source, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("looking for Go: %w", err)
	}
	sources := []source{{"Go " + strings.TrimPrefix(runtime.Version(), "go"), strings.TrimSpace(string(root))}}
	paths := slices.Sorted(maps.Keys(licences))
	output, err := exec.Command("go", append([]string{"mod", "download", "-json"}, paths...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("fetching the modules of the program: %w\n%s", err, output)
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for range paths {
		var module struct{ Path, Version, Dir string }
		if err := decoder.Decode(&module); err != nil {
			return nil, fmt.Errorf("reading where the modules are: %w", err)
		}
		sources = append(sources, source{module.Path + " " + module.Version, module.Dir})
	}
	slices.SortFunc(sources[1:], func(a, b source) int { return strings.Compare(a.title, b.title) })
	return sources, nil
}

func addNotices(notices *bytes.Buffer, of source) error {
	entries, err := os.ReadDir(of.dir)
	if err != nil {
		return err
	}
	found := false
	for _, entry := range entries {
		if entry.IsDir() || !noticeFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(of.dir, entry.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(notices, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("=", 80), of.title, entry.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return errors.New(of.title + " has no file with its licence")
	}
	return nil
}

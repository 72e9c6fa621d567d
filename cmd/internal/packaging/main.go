/*
Packaging makes what a release holds besides the program. It runs where a release is built and is
not part of one.

	go run ./cmd/internal/packaging man -release v1.2.3 -date 2026-11-25T10:00:00Z DIR
	go run ./cmd/internal/packaging completions DIR
	go run ./cmd/internal/packaging notices FILE
	go run ./cmd/internal/packaging sbom -release v1.2.3 -date 2026-11-25T10:00:00Z PROGRAM DOCUMENT
	go run ./cmd/internal/packaging image -release v1.2.3 -date 2026-11-25T10:00:00Z DIR PROGRAM...

What it writes depends on its arguments alone and never on the clock or the machine, so that two
builds of a commit have the same bytes.
*/
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/cmd/internal/cli"
)

// parts is what there is to make.
var parts = map[string]func(args []string) error{
	"image":       writeImage,
	"man":         writeManPages,
	"completions": writeCompletions,
	"notices":     writeNotices,
	"sbom":        writeBillOfMaterials,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "packaging: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || parts[args[0]] == nil {
		return fmt.Errorf("usage: packaging %s [flags] PATH", strings.Join(slices.Sorted(maps.Keys(parts)), "|"))
	}
	return parts[args[0]](args[1:])
}

func writeManPages(args []string) error {
	flags := flag.NewFlagSet("man", flag.ContinueOnError)
	release := flags.String("release", "", "the `version` that the pages name")
	compressed := flags.Bool("gzip", false, "compress the pages, as Linux packages hold them")
	date := dateFlag(flags)
	dir, err := oneArgument(flags, args)
	if err != nil {
		return err
	}
	pages := cli.ManPages(*release, date.Time)
	if !*compressed {
		return writeAll(dir, pages)
	}
	files := map[string]string{}
	for name, page := range pages {
		content, err := gzipped([]byte(page))
		if err != nil {
			return err
		}
		files[name+".gz"] = string(content)
	}
	return writeAll(dir, files)
}

func writeCompletions(args []string) error {
	dir, err := oneArgument(flag.NewFlagSet("completions", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	scripts, err := cli.Completions()
	if err != nil {
		return err
	}
	files := map[string]string{}
	for shell, script := range scripts {
		files["guestlist."+shell] = script
	}
	return writeAll(dir, files)
}

// commitDate is when the commit was made: the date of everything in a release.
type commitDate struct{ time.Time }

func (d *commitDate) String() string { return d.Format(time.RFC3339) }

func (d *commitDate) Set(text string) (err error) {
	d.Time, err = time.Parse(time.RFC3339, text)
	d.Time = d.UTC()
	return err
}

func dateFlag(flags *flag.FlagSet) *commitDate {
	date := &commitDate{time.Unix(0, 0).UTC()}
	flags.Var(date, "date", "when the commit was made, as a `time` in RFC 3339")
	return date
}

// oneArgument parses flags that are followed by one path.
func oneArgument(flags *flag.FlagSet, args []string) (string, error) {
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	if flags.NArg() != 1 {
		return "", fmt.Errorf("%s takes one path after its flags, and has %d", flags.Name(), flags.NArg())
	}
	return flags.Arg(0), nil
}

// writeAll writes files into a directory, which it makes.
func writeAll(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

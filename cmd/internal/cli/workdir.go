package cli

import (
	"os"
	"path/filepath"
	"time"
)

// workDirAge is the age at which a directory must come from a killed run.
const workDirAge = 24 * time.Hour

// workDir makes a directory for the duration of one command, and returns a function that removes
// it. It is below the state directory, where a later run removes what a kill leaves, or else in the
// system's directory for temporary files.
func (env *Env) workDir(name string) (dir string, remove func(), err error) {
	made, parent := env.workParent()
	if parent != "" {
		env.sweepWork(parent)
	}
	if dir, err = os.MkdirTemp(parent, "guestlist-"+name+"-*"); err != nil {
		return "", nil, err
	}
	return dir, func() {
		os.RemoveAll(dir)
		for _, path := range made {
			os.Remove(path) // stays if something else is in it by now
		}
	}, nil
}

// workParent makes the parent of work directories below the state directory, and returns which
// directories were made for it, the innermost first. It is "" if it cannot be made.
func (env *Env) workParent() (made []string, parent string) {
	state := env.stateDir()
	if state == "" {
		return nil, ""
	}
	parent = filepath.Join(state, "work")
	for path := parent; ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil || filepath.Dir(path) == path {
			break
		}
		made = append(made, path)
	}
	if os.MkdirAll(parent, 0o700) != nil {
		return nil, ""
	}
	return made, parent
}

func (env *Env) sweepWork(parent string) {
	entries, _ := os.ReadDir(parent) // what cannot be listed is not swept
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && env.Now().Sub(info.ModTime()) > workDirAge {
			os.RemoveAll(filepath.Join(parent, entry.Name())) // the next run tries again
		}
	}
}

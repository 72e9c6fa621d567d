package cli

import (
	"os"
	"path/filepath"
	"time"
)

// workDirAge is the age from which a directory is one that a killed run left.
const workDirAge = 24 * time.Hour

// workDir makes a directory for the time of one command, and what removes it. It lies below the state directory, where a later run
// removes what a kill leaves; without one, in the system's place for temporary files.
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

// workParent makes the place for work below the state directory, and returns which directories were made for it, the innermost first.
// It is "" where there can be none.
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

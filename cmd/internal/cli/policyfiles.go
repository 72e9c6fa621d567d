package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
)

// maxPolicyFiles is how many files of one directory are read.
const maxPolicyFiles = 500

// policyInForce reads the policy of a browser that is in force on this machine, and says where. A
// file that is there and cannot be read is an error: half a policy would look like another one.
func (env *Env) policyInForce(target *enforce.Target) ([]inventory.Untrusted, *enforce.Policy, error) {
	paths, err := env.policyFiles(target)
	if err != nil {
		return nil, nil, err
	}
	if len(paths) == 0 {
		return nil, nil, errNoPolicy
	}
	var places []inventory.Untrusted
	var files [][]byte
	for _, path := range paths {
		data, err := readLimited(path, enforce.MaxFileBytes)
		if err != nil {
			return nil, nil, fmt.Errorf("%q: %w", inventory.Untrusted(path), withoutFile(err))
		}
		if _, err := enforce.Read(target, data); err != nil {
			return nil, nil, fmt.Errorf("%q: %w", inventory.Untrusted(path), err)
		}
		places, files = append(places, inventory.Untrusted(path)), append(files, data)
	}
	policy, err := enforce.ReadAll(target, files)
	if err == nil {
		policy.Remarks = append(policy.Remarks, env.recommended(target)...)
	}
	return places, policy, err
}

// policyFiles returns the files that count together, in the order in which they do.
func (env *Env) policyFiles(target *enforce.Target) ([]string, error) {
	switch {
	case env.OS == "darwin":
		own := env.existing("/Library/Managed Preferences/*/"+target.MacOS+".plist", "/Library/Managed Preferences/"+target.MacOS+".plist")
		return append(env.existing(target.Distribution...), own...), nil
	case env.OS == "windows":
		return nil, fmt.Errorf("export its key to a file (reg export %q FILE) and give it with --policy", `HKLM\`+target.Windows)
	case target.IsMerged():
		return env.directory(target.Linux)
	}
	if own := env.existing(target.Linux); len(own) > 0 {
		return own, nil
	}
	return env.existing(target.Distribution...), nil
}

// existing returns the files that patterns match.
func (env *Env) existing(patterns ...string) []string {
	var found []string
	for _, pattern := range patterns {
		files, _ := filepath.Glob(filepath.Join(env.SystemRoot, filepath.FromSlash(pattern))) // the patterns are constant
		found = append(found, files...)
	}
	return found
}

// directory returns the files of a directory of policies, in the order of their names.
func (env *Env) directory(path string) ([]string, error) {
	dir := filepath.Join(env.SystemRoot, filepath.FromSlash(path))
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%q: %w", inventory.Untrusted(dir), withoutFile(err))
	case len(entries) > maxPolicyFiles:
		return nil, fmt.Errorf("%q holds %d files, limit %d", inventory.Untrusted(dir), len(entries), maxPolicyFiles)
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	slices.Sort(files)
	return files, nil
}

// recommended says that the browser does not obey policies that are only recommended.
func (env *Env) recommended(target *enforce.Target) []inventory.Untrusted {
	if !target.IsMerged() {
		return nil
	}
	files, _ := env.directory(filepath.ToSlash(filepath.Join(filepath.Dir(target.Linux), "recommended")))
	for _, path := range files {
		data, err := readLimited(path, enforce.MaxFileBytes)
		if err != nil {
			continue
		}
		if policy, err := enforce.Read(target, data); err == nil && len(policy.Rules) > 0 {
			return []inventory.Untrusted{inventory.Textf("%q is only recommended: the browser ignores what it says about extensions",
				inventory.Untrusted(path))}
		}
	}
	return nil
}

// readLimited reads a regular file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than the limit of %d MiB", limit>>20)
	}
	return data, err
}

// withoutFile is an error without the path of the file, which was named already.
func withoutFile(err error) error {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

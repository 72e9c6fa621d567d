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
	"guestlist/allowlist/enforce/regfile"
	"guestlist/providers/policyregistry"
	"guestlist/scanner/inventory"
)

// maxPolicyFiles is how many files of one directory are read.
const maxPolicyFiles = 500

// policyInForce is a policy of a browser on this machine, and where it was read.
type policyInForce struct {
	places []inventory.Untrusted
	policy *enforce.Policy
}

// policiesInForce reads the policies of a browser on this machine: one, unless several
// installations of it have their own. A file that is there and cannot be read is an error: half a
// policy would look like another one.
func (env *Env) policiesInForce(target *enforce.Target) ([]policyInForce, error) {
	if env.OS == "windows" {
		return policyOfRegistry(target)
	}
	groups, err := env.policyFiles(target)
	if err != nil {
		return nil, err
	}
	var found []policyInForce
	for _, paths := range groups {
		one, err := readPolicies(target, paths)
		if err != nil {
			return nil, err
		}
		one.policy.Remarks = append(one.policy.Remarks, env.recommended(target)...)
		found = append(found, one)
	}
	if len(found) == 0 {
		return nil, errNoPolicy
	}
	return found, nil
}

// policyOfRegistry reads the policy of a browser from the registry of this machine.
func policyOfRegistry(target *enforce.Target) ([]policyInForce, error) {
	found, err := policyregistry.Read(target.Windows)
	if err != nil {
		return nil, fmt.Errorf("reading the registry: %w", err)
	}
	if len(found) == 0 {
		return nil, errNoPolicy
	}
	one := policyInForce{}
	var keys []regfile.Key
	for _, key := range found {
		one.places = append(one.places, inventory.Untrusted(key.Path))
		read := regfile.Key{Path: key.Path}
		for name, data := range key.Values {
			read.Values = append(read.Values, regfile.Value{Name: name, Data: data})
		}
		keys = append(keys, read)
	}
	one.policy = enforce.ReadKeys(target, keys)
	return []policyInForce{one}, nil
}

// readPolicies reads files that count together.
func readPolicies(target *enforce.Target, paths []string) (policyInForce, error) {
	var found policyInForce
	var files [][]byte
	for _, path := range paths {
		data, err := readLimited(path, enforce.MaxFileBytes)
		if err == nil {
			_, err = enforce.Read(target, data)
		}
		if err != nil {
			return found, fmt.Errorf("%q: %w", inventory.Untrusted(path), withoutFile(err))
		}
		found.places, files = append(found.places, inventory.Untrusted(path)), append(files, data)
	}
	var err error
	found.policy, err = enforce.ReadAll(target, files)
	return found, err
}

// policyFiles returns the files of each policy, in the order in which they count together.
func (env *Env) policyFiles(target *enforce.Target) (groups [][]string, err error) {
	switch {
	case env.OS == "darwin":
		const managed = "/Library/Managed Preferences/"
		own := env.existing(managed+target.MacOS+".plist", managed+env.User+"/"+target.MacOS+".plist") // the user's win
		return besides(env.existing(target.Distribution...), own), nil
	case target.IsMerged():
		files, err := env.directory(target.Linux)
		return besides(nil, files), err
	}
	if own := env.existing(target.Linux); len(own) > 0 {
		return [][]string{own}, nil
	}
	return besides(env.existing(target.Distribution...), nil), nil
}

// besides returns a group for each installation's own file, with the files that win over it; only
// those if there are no others.
func besides(installations, winning []string) [][]string {
	var groups [][]string
	for _, file := range installations {
		groups = append(groups, append([]string{file}, winning...))
	}
	if len(groups) == 0 && len(winning) > 0 {
		groups = append(groups, winning)
	}
	return groups
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

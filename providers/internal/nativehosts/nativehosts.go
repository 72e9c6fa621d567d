// Package nativehosts reads the descriptions of native messaging hosts: programs outside the
// browser, with all rights of the user, to which extensions with the permission nativeMessaging
// talk. Each has a JSON file that names the program and the extensions that may call it, in a
// directory of the user or of the system; on Windows the registry says where the file is.
//
// The providers know which directories and keys a browser looks into, and how it names the
// extensions. A description that cannot be parsed names no program that could be called, and is
// left out; one that cannot be opened is a fault.
package nativehosts

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
	"guestlist/providers/internal/winregistry"
	"guestlist/scanner/inventory"
)

// Permission is the permission that an extension needs to talk to any host.
const Permission = "nativeMessaging"

// Limits on descriptions.
const (
	maxHosts       = 500      // in one directory, or below one key
	maxDescription = 64 << 10 // bytes
)

// Host is one program that some extensions may talk to.
type Host struct {
	Name    string `json:"name"`
	Program string `json:"path"`
	Type    string `json:"type"` // "stdio"; Firefox describes modules and settings the same way
	// The extensions that may call it: Origins as Chromium has them ("chrome-extension://<id>/"),
	// Extensions by ID as Firefox has them.
	Origins    []string `json:"allowed_origins"`
	Extensions []string `json:"allowed_extensions"`
}

// Reader reads descriptions, and those in each place only once. It is not safe for concurrent use.
type Reader struct {
	system   localprofile.System
	registry winregistry.Registry // nil: there is none
	known    map[string][]Host    // by the directory or key
	data     []byte
}

// NewReader returns a reader of a machine. A nil registry names nothing.
func NewReader(system localprofile.System, registry winregistry.Registry) *Reader {
	return &Reader{system: system, registry: registry, known: map[string][]Host{}}
}

// In reads the descriptions in a directory. What cannot be read is added to details.
func (r *Reader) In(details *localprofile.Details, folder string, open func() (*localprofile.Dir, error)) []Host {
	if hosts, ok := r.known[folder]; ok {
		return hosts
	}
	hosts, err := r.folder(details, open)
	if err != nil && !isMissing(err) {
		details.Add("%s: %s", inventory.Untrusted(folder), localprofile.Words(err))
		return nil
	}
	r.known[folder] = hosts
	return hosts
}

// InSystem reads the descriptions in a directory of the machine.
func (r *Reader) InSystem(details *localprofile.Details, folder string) []Host {
	return r.In(details, folder, func() (*localprofile.Dir, error) { return r.system.Open(folder) })
}

// Registered reads the descriptions that the subkeys of a key name.
func (r *Reader) Registered(details *localprofile.Details, hive winregistry.Hive, key string) []Host {
	at := string(hive) + `\` + key
	if hosts, ok := r.known[at]; ok || r.registry == nil {
		return hosts
	}
	names, err := r.registry.Subkeys(hive, key, maxHosts+1)
	if err != nil && !isMissing(err) {
		details.Add("%s: %s", inventory.Untrusted(at), localprofile.Words(err))
		return nil
	}
	if len(names) > maxHosts {
		details.Add("%s: more than %d native messaging hosts", inventory.Untrusted(at), maxHosts)
		names = names[:maxHosts]
	}
	var hosts []Host
	for _, name := range names {
		described, err := r.registry.Default(hive, key+`\`+name)
		if err != nil || described == "" {
			continue // a host without a description cannot be called
		}
		switch found, err := r.at(described); {
		case err == nil:
			hosts = append(hosts, found...)
		case !isMissing(err):
			details.Add("%s: %s", inventory.Untrusted(described), localprofile.Words(err))
		}
	}
	r.known[at] = hosts
	return hosts
}

func (r *Reader) folder(details *localprofile.Details, open func() (*localprofile.Dir, error)) ([]Host, error) {
	dir, err := open()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Entries(".")
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return path.Ext(name) != ".json" })
	if len(names) > maxHosts {
		details.Add("%d native messaging hosts, limit %d", len(names), maxHosts)
		names = names[:maxHosts]
	}
	var hosts []Host
	for _, name := range names {
		found, err := r.read(dir, name)
		if err != nil {
			if found, err = r.linked(dir, name, err); err != nil && !isMissing(err) {
				details.Add("%s: %s", inventory.Untrusted(filepath.Join(dir.Path(), name)), localprofile.Words(err))
				continue
			}
		}
		hosts = append(hosts, found...)
	}
	return hosts, nil
}

// linked reads a description that a link out of the directory leads to, as packages put them:
// browsers follow it. Because is why it could not be read inside the directory.
func (r *Reader) linked(dir *localprofile.Dir, name string, because error) ([]Host, error) {
	at := filepath.Join(dir.Path(), name)
	if !r.system.IsReal() || !localprofile.IsLink(at) {
		return nil, because
	}
	to, err := filepath.EvalSymlinks(at)
	if err != nil {
		return nil, err
	}
	return r.at(to)
}

// at reads the description at an absolute path.
func (r *Reader) at(file string) ([]Host, error) {
	file = localprofile.Slashes(file)
	dir, err := r.system.Open(path.Dir(file))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return r.read(dir, path.Base(file))
}

// read reads one description; none is returned if it cannot be parsed.
func (r *Reader) read(dir *localprofile.Dir, name string) ([]Host, error) {
	data, err := dir.Read(name, maxDescription, r.data)
	if err != nil {
		return nil, err
	}
	r.data = data
	if host, err := parse(data); err == nil {
		return []Host{host}, nil
	}
	return nil, nil
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

func parse(data []byte) (host Host, err error) {
	plain, _ := webext.PlainJSON(nil, bytes.TrimPrefix(data, byteOrderMark), webext.Lenient)
	err = json.Unmarshal(plain, &host, json.JoinOptions(localprofile.JSONOptions...))
	return host, err
}

// Tell adds the programs that an extension may talk to as a fact and a note of its item.
func Tell(item *inventory.Item, hosts []Host) {
	if len(hosts) == 0 {
		return
	}
	programs := make([]inventory.Untrusted, len(hosts))
	for n, host := range hosts {
		programs[n] = inventory.Untrusted(strings.TrimSpace(host.Name + " (" + host.Program + ")"))
	}
	slices.Sort(programs)
	shown := localprofile.JoinSome(slices.Compact(programs))
	item.Facts["native_hosts"] = shown
	item.Mark(inventory.MarkNote, inventory.MarkNativeHost, shown)
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

package firefox

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

const (
	policiesFile = "policies.json"
	maxPolicies  = 8 << 20 // bytes
)

// policies maps an add-on's ID to its installation_mode: "force_installed", "normal_installed",
// "allowed", "blocked", and "locked" for those that the older policy Extensions locks.
type policies map[string]string

func (p policies) installs(id string) bool {
	switch p[id] {
	case "force_installed", "normal_installed", "locked":
		return true
	}
	return false
}

// policies reads the machine's policy files of the products that have profiles. A file that exists
// but cannot be read is a gap, because without it there is no way to say which add-ons were
// installed by policy. One that is missing says nothing.
func (p *Provider) policies(profiles []profile) (map[string]policies, []inventory.Coverage) {
	read := map[string]policies{}
	var gaps []inventory.Coverage
	for _, one := range profiles {
		family := one.product.policy
		if _, done := read[family]; done {
			continue
		}
		found := policies{}
		for _, at := range policyPlaces[family] {
			for _, dir := range glob(p.system, at) {
				if err := p.policyFile(dir, found); err != nil && !isMissing(err) {
					source := inventory.Source{Provider: inventory.Firefox,
						Host: p.env.Host}.Join("policies").Join(inventory.Untrusted(dir))
					gap := wording.Explain(source, policiesFile, err)
					gap.Remedy = "fix the file, or ask the administrator of this machine to: until then it is not known which add-ons a policy installed"
					gaps = append(gaps, gap)
				}
			}
		}
		read[family] = found
	}
	return read, gaps
}

func (p *Provider) policyFile(dir string, into policies) error {
	opened, err := p.system.Open("/" + dir)
	if err != nil {
		return err
	}
	defer opened.Close()
	data, err := opened.Read(policiesFile, maxPolicies, nil)
	if err != nil {
		return err
	}
	return parsePolicies(data, into)
}

// parsePolicies reads {policies: {ExtensionSettings: {id: {installation_mode}}, Extensions:
// {Locked: [id]}}}.
func parsePolicies(data []byte, into policies) error {
	dec := newDecoder(data)
	err := members(dec, "the whole document", func(name string) error {
		if name != "policies" {
			return dec.SkipValue()
		}
		return members(dec, name, func(name string) error { return into.policy(dec, name) })
	})
	if err != nil {
		return err
	}
	return localprofile.EndOfJSON(dec)
}

func (p policies) policy(dec *jsontext.Decoder, name string) error {
	switch name {
	case "ExtensionSettings":
		return members(dec, name, func(id string) error {
			var setting struct {
				Mode string `json:"installation_mode"`
			}
			f := &fields{}
			err := f.read(dec, id, &setting)
			if err == nil && len(f.faults) > 0 {
				err = &localprofile.StructureError{What: name + "." + f.faults[0], Offset: dec.InputOffset()}
			}
			if setting.Mode != "" {
				p[id] = setting.Mode
			}
			return err
		})
	case "Extensions":
		var old struct {
			Locked []string
		}
		f := &fields{}
		err := f.read(dec, name, &old)
		for _, id := range old.Locked {
			if p[id] == "" {
				p[id] = "locked"
			}
		}
		return err
	}
	return dec.SkipValue()
}

// glob returns the directories below the system's root that a path of policyPlaces matches, with
// "/".
func glob(s localprofile.System, at string) []string {
	parts := strings.Split(at, "/")
	for n, part := range parts {
		if !strings.Contains(part, "*") {
			continue
		}
		before, after := path.Join(parts[:n]...), path.Join(parts[n+1:]...)
		dir, err := s.Open("/" + before)
		if err != nil {
			return nil
		}
		defer dir.Close()
		return matching(dir, part, before, after)
	}
	return []string{at}
}

func matching(dir *localprofile.Dir, pattern, before, after string) []string {
	folders, err := dir.Folders(".")
	if err != nil {
		return nil
	}
	var found []string
	for _, folder := range folders {
		if ok, _ := filepath.Match(pattern, folder); ok {
			found = append(found, path.Join(before, folder, after))
		}
	}
	return found
}

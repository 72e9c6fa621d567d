package enforce

import (
	"errors"
	"fmt"
	"strings"

	"guestlist/allowlist/enforce/regfile"
)

// Hives that policies of browsers are in, in the order in which they count: the machine's wins.
var policyHives = []string{"HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"}

func isReg(data []byte) bool { return regfile.Is(data) }

// readReg returns the policies of a browser from an export of the registry.
func readReg(target *Target, data []byte) (tree, error) {
	keys, err := regfile.Read(data)
	if err != nil {
		return nil, fmt.Errorf("it is not a usable export of the registry: %w", err)
	}
	return fromKeys(target, keys), nil
}

// ReadKeys reads the policy of a browser from keys of the registry: its own in both hives, and those
// below them.
func ReadKeys(target *Target, keys []regfile.Key) *Policy {
	return target.family.policyOf(fromKeys(target, keys))
}

func fromKeys(target *Target, keys []regfile.Key) tree {
	found := tree{}
	for _, hive := range policyHives {
		for name, value := range below(keys, hive+`\`+target.Windows) {
			found[name] = value
		}
	}
	return found
}

// below returns the values of a key, and its subkeys as objects.
func below(keys []regfile.Key, path string) tree {
	found := tree{}
	for _, key := range keys {
		rest, ok := cutFold(key.Path, path)
		if !ok || rest != "" && rest[0] != '\\' {
			continue
		}
		at := found
		for name := range strings.SplitSeq(strings.TrimPrefix(rest, `\`), `\`) {
			if name == "" {
				continue
			}
			next, ok := at[name].(tree)
			if !ok {
				next = tree{}
				at[name] = next
			}
			at = next
		}
		for _, value := range key.Values {
			at[value.Name] = value.Data
		}
	}
	return found
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(text, prefix string) (rest string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}

// maxRegistryValue is how long a value of the registry may be, in bytes of UTF-16.
const maxRegistryValue = 1 << 20

// writeReg writes an export of the registry. The settings are JSON in one value: of type REG_SZ for
// Chromium's browsers, REG_MULTI_SZ for Firefox.
func (p *planner) writeReg(policies tree) ([]byte, error) {
	settings, err := encodeJSON(policies[keySettings], false)
	if err != nil {
		return nil, err
	}
	if len(settings) > maxRegistryValue/2 {
		return nil, errors.New("the settings are longer than a value of the registry may be; use another form, or fewer pins")
	}
	value := regfile.Value{Name: keySettings, Data: string(settings)}
	if p.target.family == &firefox {
		value.Data = []any{string(settings)}
	}
	key := regfile.Key{Path: `HKEY_LOCAL_MACHINE\` + p.target.Windows, Values: []regfile.Value{value}}
	return regfile.Write([]regfile.Key{key}, p.comments()), nil
}

package enforce

import (
	"bytes"
	standard "encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// MaxFileBytes is how large a policy file may be: that of 10,000 extensions with pins has 47 MB.
const MaxFileBytes = 64 << 20

// Read reads a policy in any of the target's forms. What the browser ignores becomes a remark.
func Read(target *Target, data []byte) (*Policy, error) {
	if len(data) > MaxFileBytes {
		return nil, fmt.Errorf("larger than the limit of %d MiB", MaxFileBytes>>20)
	}
	return target.read(target, data)
}

// ReadAll reads the policy files of a browser that count together, in the order of their names: if
// two set the same policy, the last one counts.
func ReadAll(target *Target, files [][]byte) (*Policy, error) {
	all := tree{}
	for _, data := range files {
		policies, err := readTree(target, data)
		if err != nil {
			return nil, err
		}
		for name, value := range policies {
			all[name] = value
		}
	}
	return target.family.policyOf(all), nil
}

func readBrowser(target *Target, data []byte) (*Policy, error) {
	if len(data) > MaxFileBytes {
		return nil, fmt.Errorf("larger than the limit of %d MiB", MaxFileBytes>>20)
	}
	policies, err := readTree(target, data)
	if err != nil {
		return nil, err
	}
	return target.family.policyOf(policies), nil
}

// readTree returns the policies of a browser from a file in any form.
func readTree(target *Target, data []byte) (tree, error) {
	switch {
	case isPlist(data):
		return readPlist(target, data)
	case isReg(data):
		return readReg(target, data)
	}
	if target.family == &chromium { // takes comments, and a comma before a closing bracket
		return decodeJSON(withoutComments(data))
	}
	object, err := decodeJSON(data)
	if err != nil {
		return nil, err
	}
	policies, ok := object[keyPolicies].(tree)
	if !ok {
		return nil, fmt.Errorf("it has no object %q", keyPolicies)
	}
	return policies, nil
}

// writeBrowser writes a policy in the form that is asked for, with the notes as comments where the
// form has any.
func writeBrowser(p *planner) ([]byte, error) {
	policies := tree{keySettings: p.target.family.settings(p.policy)}
	switch p.options.Form {
	case FormPlist:
		return p.writePlist(policies)
	case FormMobileconfig:
		return p.writeProfile(policies)
	case FormReg:
		return p.writeReg(policies)
	}
	if p.target.family == &firefox {
		policies = tree{keyPolicies: policies}
	}
	return encodeJSON(policies, true)
}

// comments are the lines that go into a file: what it is, and what it does not enforce. They come
// from foreign text, and hold no line ends.
func (p *planner) comments() []string {
	lines := []string{
		fmt.Sprintf("%s: what %s allows, written by guestlist allow emit.", p.target.Title, p.list.Name),
		"Allowlist (SHA-256): " + p.list.Digest,
	}
	if p.options.For != "" {
		lines = append(lines, fmt.Sprintf("For: %s", p.options.For))
	}
	if len(p.notes) > 0 {
		lines = append(lines, "", "Not enforced:")
	}
	for _, note := range p.notes {
		lines = append(lines, "- "+note.String())
	}
	for n := range lines {
		lines[n] = inventory.Untrusted(lines[n]).String()
	}
	return lines
}

func encodeJSON(value any, indented bool) ([]byte, error) {
	options := []json.Options{json.Deterministic(true)}
	if indented {
		options = append(options, jsontext.WithIndent("  "))
	}
	data, err := json.Marshal(value, options...)
	if err == nil && indented {
		data = append(data, '\n')
	}
	return data, err
}

// decodeJSON reads an object. As browsers do, it takes members twice, of which the last counts: the
// other JSON package would merge them.
func decodeJSON(data []byte) (tree, error) {
	var object tree
	err := standard.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &object)
	var syntax *standard.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("it is not JSON: %s, at byte %d", inventory.Untrusted(syntax.Error()), syntax.Offset)
	case err != nil:
		return nil, errors.New("it is not a JSON object")
	case object == nil:
		return nil, errors.New("it is null, and not a JSON object")
	}
	return object, nil
}

// withoutComments replaces comments, and commas before a closing bracket, by spaces.
func withoutComments(data []byte) []byte {
	if !bytes.Contains(data, []byte("//")) && !bytes.Contains(data, []byte("/*")) && !bytes.ContainsRune(data, ',') {
		return data
	}
	clean := bytes.Clone(data)
	comma := -1
	for n := 0; n < len(clean); n++ {
		switch c := clean[n]; {
		case c == '"':
			comma = -1
			for n++; n < len(clean) && clean[n] != '"'; n++ {
				if clean[n] == '\\' {
					n++
				}
			}
		case c == '/' && n+1 < len(clean) && (clean[n+1] == '/' || clean[n+1] == '*'):
			n = blank(clean, n)
		case c == ',':
			comma = n
		case (c == '}' || c == ']') && comma >= 0:
			clean[comma] = ' '
			comma = -1
		case strings.IndexByte(" \t\r\n", c) < 0:
			comma = -1
		}
	}
	return clean
}

// blank replaces the comment that begins at n by spaces, and returns where it ends.
func blank(data []byte, n int) int {
	end := bytes.IndexByte(data[n:], '\n')
	if data[n+1] == '*' {
		if end = bytes.Index(data[n+2:], []byte("*/")); end >= 0 {
			end += 4
		}
	}
	if end < 0 {
		end = len(data) - n
	}
	for at := range end {
		if data[n+at] != '\n' {
			data[n+at] = ' '
		}
	}
	return n + end - 1
}

package googlefake

import (
	"errors"
	"strings"
)

// fieldMask is a parsed `fields` parameter: which members of an object are kept. An empty mask
// keeps everything. Grammar: "a,b(c,d),e/f", as Google's partial responses have it.
type fieldMask map[string]fieldMask

// maxFieldDepth bounds how deep a fields parameter may nest.
const maxFieldDepth = 20

func parseFields(text string) (fieldMask, error) {
	mask, rest, err := parseSelection(text, 0)
	if err == nil && rest != "" {
		err = errors.New("unbalanced parentheses")
	}
	return mask, err
}

func parseSelection(text string, depth int) (mask fieldMask, rest string, err error) {
	if depth > maxFieldDepth {
		return nil, "", errors.New("nested too deep")
	}
	mask = fieldMask{}
	for {
		end := strings.IndexAny(text, ",()/")
		name := text
		if end >= 0 {
			name = text[:end]
		}
		if name == "" {
			return nil, "", errors.New("empty field name")
		}
		text = text[len(name):]
		var inner fieldMask
		switch {
		case strings.HasPrefix(text, "("):
			inner, text, err = parseSelection(text[1:], depth+1)
			if err == nil && !strings.HasPrefix(text, ")") {
				err = errors.New("missing closing parenthesis")
			}
			if err != nil {
				return nil, "", err
			}
			text = text[1:]
		case strings.HasPrefix(text, "/"):
			inner, text, err = parsePath(text[1:], depth+1)
			if err != nil {
				return nil, "", err
			}
		}
		mask.add(name, inner)
		if !strings.HasPrefix(text, ",") {
			return mask, text, nil
		}
		text = text[1:]
	}
}

// parsePath reads one "b/c(d)" after a slash.
func parsePath(text string, depth int) (mask fieldMask, rest string, err error) {
	end := strings.IndexAny(text, ",()/")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if name == "" || depth > maxFieldDepth {
		return nil, "", errors.New("empty field name")
	}
	text = text[end:]
	var inner fieldMask
	switch {
	case strings.HasPrefix(text, "/"):
		inner, text, err = parsePath(text[1:], depth+1)
	case strings.HasPrefix(text, "("):
		inner, text, err = parseSelection(text[1:], depth+1)
		if err == nil && !strings.HasPrefix(text, ")") {
			err = errors.New("missing closing parenthesis")
		}
		if err == nil {
			text = text[1:]
		}
	}
	return fieldMask{name: inner}, text, err
}

func (m fieldMask) add(name string, inner fieldMask) {
	have, seen := m[name]
	switch {
	case !seen:
		m[name] = inner
	case have == nil || inner == nil:
		m[name] = nil
	default:
		for key, value := range inner {
			have.add(key, value)
		}
	}
}

// keep returns value with only the selected members.
func (m fieldMask) keep(value any) any {
	if len(m) == 0 {
		return value
	}
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range m {
			if member, ok := value[name]; ok {
				kept[name] = inner.keep(member)
			} else if name == "*" {
				for name, member := range value {
					kept[name] = inner.keep(member)
				}
			}
		}
		return kept
	case []any:
		list := make([]any, len(value))
		for n, member := range value {
			list[n] = m.keep(member)
		}
		return list
	}
	return value
}

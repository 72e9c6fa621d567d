package chromium

import "strconv"

// text reads a string.
func (r *reader) text(into *string) error {
	switch r.dec.PeekKind() {
	case '"':
		token, err := r.dec.ReadToken()
		if err == nil {
			*into = token.String()
		}
		return err
	case 'n':
		return r.skip()
	}
	return r.wrong('"')
}

// pointer reads a string that may be absent.
func (r *reader) pointer(into **string) error {
	if r.dec.PeekKind() != '"' {
		var none string
		return r.text(&none)
	}
	*into = new(string)
	return r.text(*into)
}

// optionalText reads a string that nothing depends on: another type is not a fault.
func (r *reader) optionalText(into *string) error {
	if r.dec.PeekKind() == '"' {
		return r.text(into)
	}
	return r.skip()
}

// texts reads an array of strings.
func (r *reader) texts(into *[]string) error {
	_, err := r.array(func() error {
		var text string
		err := r.text(&text)
		if text != "" {
			*into = append(*into, text)
		}
		return err
	})
	return err
}

// boolean reads true or false; null leaves into as it is.
func (r *reader) boolean(into **bool) error {
	switch r.dec.PeekKind() {
	case 't', 'f':
		token, err := r.dec.ReadToken()
		if err == nil {
			value := token.Bool()
			*into = &value
		}
		return err
	case 'n':
		return r.skip()
	}
	return r.wrong('t')
}

// number reads a whole number. A string that contains one counts, because the browser stores large
// numbers as strings.
func (r *reader) number(into **int64) error {
	switch r.dec.PeekKind() {
	case '0', '"':
		token, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		value, err := strconv.ParseInt(token.String(), 10, 64)
		if err != nil {
			r.fault("not a whole number")
			return nil
		}
		*into = &value
		return nil
	case 'n':
		return r.skip()
	}
	return r.wrong('0')
}

// strictNumber reads a whole number that is not a string; it returns nil for anything else.
func (r *reader) strictNumber() (*int64, error) {
	switch r.dec.PeekKind() {
	case '0':
	case 'n':
		return nil, r.skip()
	default:
		return nil, r.wrong('0')
	}
	var number *int64
	err := r.number(&number)
	return number, err
}

// present notes that there is a value other than null and false.
func (r *reader) present(into *bool) error {
	switch r.dec.PeekKind() {
	case 'n', 'f':
	default:
		*into = true
	}
	return r.skip()
}

// permissions reads a list of permissions, in which some are objects: {"fileSystem": ["write"]} is
// "fileSystem" and "fileSystem.write".
func (r *reader) permissions(into *[]string) error {
	_, err := r.array(func() error {
		if r.dec.PeekKind() != '{' {
			var name string
			err := r.text(&name)
			if name != "" {
				*into = append(*into, name)
			}
			return err
		}
		_, err := r.object(func(name string) error {
			*into = append(*into, name)
			if r.dec.PeekKind() != '[' {
				return r.skip()
			}
			_, err := r.array(func() error {
				var argument string
				err := r.optionalText(&argument)
				if argument != "" {
					*into = append(*into, name+"."+argument)
				}
				return err
			})
			return err
		})
		return err
	})
	return err
}

// names reads the names of an object's members.
func (r *reader) names(into *[]string) error {
	_, err := r.object(func(name string) error {
		*into = append(*into, name)
		return r.skip()
	})
	return err
}

// listMember reads an object and keeps the list of strings under the wanted name.
func (r *reader) listMember(wanted string, into *[]string) error {
	_, err := r.object(func(name string) error {
		if name == wanted {
			return r.texts(into)
		}
		return r.skip()
	})
	return err
}

// textMember reads an object and adds the string under the wanted name to a list.
func (r *reader) textMember(wanted string, into *[]string) error {
	_, err := r.object(func(name string) error {
		if name != wanted {
			return r.skip()
		}
		var text string
		err := r.text(&text)
		*into = append(*into, text)
		return err
	})
	return err
}

func valueOf(number *int64) int64 {
	if number == nil {
		return 0
	}
	return *number
}

func isTrue(b *bool) bool { return b != nil && *b }

func isFalse(b *bool) bool { return b != nil && !*b }

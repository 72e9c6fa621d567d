package plist

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const xmlHead = xml.Header +
	`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n"

// WriteXML returns a dictionary in the XML form, with its keys in order and the lines of a comment
// above it. Values may be []string too.
func WriteXML(dict map[string]any, comment []string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(xmlHead)
	if len(comment) > 0 {
		out.WriteString("<!--\n")
		for _, line := range comment {
			out.WriteString(strings.TrimRight("  "+commentText(line), " ") + "\n")
		}
		out.WriteString("-->\n")
	}
	out.WriteString(`<plist version="1.0">` + "\n")
	if err := writeValue(&out, dict, 0); err != nil {
		return nil, err
	}
	out.WriteString("</plist>\n")
	return out.Bytes(), nil
}

// commentText is a text that cannot end a comment.
func commentText(text string) string {
	var escaped bytes.Buffer
	xml.EscapeText(&escaped, []byte(text)) // a buffer takes everything
	return strings.ReplaceAll(strings.ReplaceAll(escaped.String(), "--", "- -"), "--", "- -")
}

func writeValue(out *bytes.Buffer, value any, depth int) error {
	indent := strings.Repeat("\t", depth)
	switch value := value.(type) {
	case map[string]any:
		out.WriteString(indent + "<dict>\n")
		for _, key := range slices.Sorted(maps.Keys(value)) {
			out.WriteString(indent + "\t")
			writeText(out, "key", key)
			if err := writeValue(out, value[key], depth+1); err != nil {
				return err
			}
		}
		out.WriteString(indent + "</dict>\n")
	case []any:
		out.WriteString(indent + "<array>\n")
		for _, each := range value {
			if err := writeValue(out, each, depth+1); err != nil {
				return err
			}
		}
		out.WriteString(indent + "</array>\n")
	case string:
		out.WriteString(indent)
		writeText(out, "string", value)
	case bool:
		fmt.Fprintf(out, "%s<%v/>\n", indent, value)
	case int64:
		fmt.Fprintf(out, "%s<integer>%d</integer>\n", indent, value)
	case float64:
		fmt.Fprintf(out, "%s<real>%v</real>\n", indent, value)
	default:
		return fmt.Errorf("a property list cannot hold a %T", value)
	}
	return nil
}

func writeText(out *bytes.Buffer, element, text string) {
	fmt.Fprintf(out, "<%s>", element)
	xml.EscapeText(out, []byte(text)) // a buffer takes everything
	fmt.Fprintf(out, "</%s>\n", element)
}

func readXML(data []byte) (any, error) {
	x := &xmlReader{decoder: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))}
	x.decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, errors.New("its encoding is not UTF-8")
	}
	start, err := x.next()
	if err == nil && start != nil && start.Name.Local == "plist" {
		start, err = x.next()
	}
	switch {
	case err != nil:
		return nil, err
	case start == nil:
		return nil, errors.New("it is empty")
	}
	return x.value(*start, 0)
}

type xmlReader struct {
	budget
	decoder *xml.Decoder
}

// next returns the next element that begins; nil if the one around it ends before.
func (x *xmlReader) next() (*xml.StartElement, error) {
	for {
		token, err := x.decoder.Token()
		if err != nil {
			return nil, x.fault(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			return &token, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

func (x *xmlReader) fault(err error) error {
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Errorf("line %d: it is not XML: %q", syntax.Line, syntax.Msg)
	}
	return errCutOff
}

func (x *xmlReader) value(start xml.StartElement, depth int) (any, error) {
	if err := x.take(depth); err != nil {
		return nil, err
	}
	switch start.Name.Local {
	case "dict":
		return x.dict(depth)
	case "array":
		return x.array(depth)
	case "true", "false":
		return start.Name.Local == "true", x.skip()
	}
	text, err := x.text()
	if err != nil {
		return nil, err
	}
	switch start.Name.Local {
	case "string", "date":
		return text, nil
	case "integer":
		number, err := strconv.ParseInt(strings.TrimSpace(text), 0, 64)
		return number, x.badValue(err, text)
	case "real":
		number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		return number, x.badValue(err, text)
	case "data":
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		return data, x.badValue(err, text)
	}
	return nil, fmt.Errorf("it has an element that property lists do not have: %q", start.Name.Local)
}

func (x *xmlReader) badValue(err error, text string) error {
	if err != nil {
		return fmt.Errorf("line %d: %.40q is not a value of its kind", x.line(), text)
	}
	return nil
}

func (x *xmlReader) line() int {
	line, _ := x.decoder.InputPos()
	return line
}

func (x *xmlReader) dict(depth int) (any, error) {
	dict := map[string]any{}
	for {
		start, err := x.next()
		if err != nil || start == nil {
			return dict, err
		}
		if start.Name.Local != "key" {
			return nil, fmt.Errorf("line %d: %q where a key must be", x.line(), start.Name.Local)
		}
		key, err := x.text()
		if err != nil {
			return nil, err
		}
		if start, err = x.next(); err != nil {
			return nil, err
		}
		if start == nil {
			return nil, fmt.Errorf("line %d: the key %q has no value", x.line(), key)
		}
		if dict[key], err = x.value(*start, depth+1); err != nil {
			return nil, err
		}
	}
}

func (x *xmlReader) array(depth int) (any, error) {
	list := []any{}
	for {
		start, err := x.next()
		if err != nil || start == nil {
			return list, err
		}
		value, err := x.value(*start, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
}

// text reads to the end of an element that holds nothing but text.
func (x *xmlReader) text() (string, error) {
	var text strings.Builder
	for {
		token, err := x.decoder.Token()
		if err != nil {
			return "", x.fault(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			return "", fmt.Errorf("line %d: %q where only text may be", x.line(), token.Name.Local)
		case xml.EndElement:
			return text.String(), nil
		}
	}
}

func (x *xmlReader) skip() error {
	_, err := x.text()
	return err
}

package report

import (
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// JSON is the report as one indented document; schema/report.json describes it. JSON's own string
// escape makes foreign text harmless: control characters are always escaped, and so are those that
// HTML and JavaScript act on, and those that are invisible or change the direction of a line.
type JSON struct{}

var jsonFormat = Format{Name: "json", About: "one document", New: func(Style) Renderer { return JSON{} }}

// Render implements [Renderer].
func (JSON) Render(w io.Writer, r *Report) error {
	streamed := struct {
		*Report
		Items *items `json:"items,omitzero"`
	}{Report: r}
	if r.Inventory != nil {
		streamed.Items = &items{r.Inventory}
	}
	return writeDocument(w, streamed)
}

// writeDocument writes one indented JSON document in which no foreign text acts.
func writeDocument(w io.Writer, document any) error {
	encoder := jsontext.NewEncoder(&visible{w: w}, jsontext.WithIndent("  "), jsontext.EscapeForHTML(true),
		jsontext.EscapeForJS(true), jsontext.AllowInvalidUTF8(true))
	return json.MarshalEncode(encoder, document, json.Deterministic(true))
}

// array is a JSON array of any length, of values that are made as they are written.
type array[T any] iter.Seq[T]

// MarshalJSONTo implements [json.MarshalerTo].
func (a array[T]) MarshalJSONTo(encoder *jsontext.Encoder) error {
	if err := encoder.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for each := range a {
		if err := json.MarshalEncode(encoder, each); err != nil {
			return err
		}
	}
	return encoder.WriteToken(jsontext.EndArray)
}

// jsonLine is a value as one line of JSON in which no foreign text acts.
func jsonLine(value any) ([]byte, error) {
	text, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true), jsontext.EscapeForJS(true), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return append(escapeUnseen(text), '\n'), nil
}

// document is a report with its inventory, as a reader sees it.
type document struct {
	*Report
	Items []inventory.Item `json:"items,omitempty"`
}

// items writes an inventory of any size, one item after the other.
type items struct {
	all iter.Seq2[*inventory.Item, error]
}

// MarshalJSONTo implements [json.MarshalerTo].
func (i *items) MarshalJSONTo(encoder *jsontext.Encoder) error {
	if err := encoder.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for item, err := range i.all {
		if err != nil {
			return fmt.Errorf("listing the inventory: %w", err)
		}
		if err := json.MarshalEncode(encoder, item); err != nil {
			return err
		}
	}
	return encoder.WriteToken(jsontext.EndArray)
}

// JSONLines is the report with one record per line, for large inventories and log pipelines: first
// a header with verdict and summary, then entries, changes, findings, coverage and items, last a
// trailer with the counts, so that a truncated stream is recognized.
type JSONLines struct{}

var jsonLinesFormat = Format{
	Name: "jsonl", About: "one record a line, with a trailer", Also: []string{"ndjson"},
	New: func(Style) Renderer { return JSONLines{} },
}

// Render implements [Renderer].
func (JSONLines) Render(w io.Writer, r *Report) error {
	lines := lineWriter{w: w}
	lines.write(line{Report: &lineHeader{Report: r, Difference: lineDifference{r.Difference.Counts}}})
	for i := range r.Entries {
		lines.write(line{Entry: &r.Entries[i]})
	}
	for i := range r.Difference.List {
		lines.write(line{Change: &r.Difference.List[i]})
	}
	for i := range r.Findings {
		lines.write(line{Finding: &r.Findings[i]})
	}
	for i := range r.Coverage {
		lines.write(line{Coverage: &r.Coverage[i]})
	}
	items := 0
	if r.Inventory != nil {
		for item, err := range r.Inventory {
			if err != nil {
				return fmt.Errorf("listing the inventory: %w", err)
			}
			lines.write(line{Item: item})
			items++
		}
	}
	lines.write(line{End: &lineEnd{Entries: len(r.Entries), Changes: len(r.Difference.List), Findings: len(r.Findings),
		Coverage: len(r.Coverage), Items: items, Complete: true}})
	return lines.err
}

// line is one record; one of its fields is set.
type line struct {
	Report   *lineHeader         `json:"report,omitzero"`
	Entry    *Entry              `json:"entry,omitzero"`
	Change   *diff.Change        `json:"change,omitzero"`
	Finding  *diff.Finding       `json:"finding,omitzero"`
	Coverage *inventory.Coverage `json:"coverage,omitzero"`
	Item     *inventory.Item     `json:"item,omitzero"`
	End      *lineEnd            `json:"end,omitzero"`
}

// lineHeader is the report without its lists, which follow with one record per line.
type lineHeader struct {
	*Report
	Difference lineDifference       `json:"difference"`
	Entries    []Entry              `json:"entries,omitempty"`
	Findings   []diff.Finding       `json:"findings,omitempty"`
	Coverage   []inventory.Coverage `json:"coverage,omitempty"`
}

// lineDifference is the difference in numbers.
type lineDifference struct {
	Counts map[diff.ChangeKind]int `json:"counts"`
}

type lineEnd struct {
	Entries  int  `json:"entries"`
	Changes  int  `json:"changes"`
	Findings int  `json:"findings"`
	Coverage int  `json:"coverage"`
	Items    int  `json:"items"`
	Complete bool `json:"complete"`
}

type lineWriter struct {
	w   io.Writer
	err error
}

func (l *lineWriter) write(record line) {
	if l.err != nil {
		return
	}
	var text []byte
	if text, l.err = jsonLine(record); l.err == nil {
		_, l.err = l.w.Write(text)
	}
}

package edit

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
)

// Set gives a key of an entry a value. A key that is there keeps its place, its spacing and the
// comment behind it; a new one goes where its part has it. A list keeps the elements that stay as
// they are written, in their order, each with the comment behind it.
func (d *Document) Set(at Place, key string, value Value) error {
	block, err := d.open(at)
	if err != nil {
		return err
	}
	pair, err := d.pair(block, key)
	if err != nil {
		return err
	}
	entry := maps.Clone(d.entry(at))
	if pair == nil {
		entry[key] = value.decoded
		return d.become(d.inserted(block, Pair{Name(key), value}), d.with(at, entry), block.Line)
	}
	text := string(value.text)
	entry[key] = value.decoded
	if value.isList() {
		text, entry[key] = d.changedList(pair, key, entry[key].([]any), value, d.entry(at)[key])
	}
	return d.become(d.text[:pair.Value.Start]+text+d.text[pair.Value.End:], d.with(at, entry), pair.Line)
}

// Unset removes a key of an entry, if it has it. A comment behind it becomes a line of its own.
func (d *Document) Unset(at Place, key string) error {
	block, err := d.open(at)
	if err != nil {
		return err
	}
	pair, err := d.pair(block, key)
	if pair == nil || err != nil {
		return err
	}
	start, end := d.lineStart(pair.Name.Start), d.lineEnd(pair.Value.End)
	kept := ""
	if comment := strings.TrimLeft(d.text[pair.Value.End:end], " \t"); isComment(comment) {
		kept = d.text[start:pair.Name.Start] + comment
	}
	entry := maps.Clone(d.entry(at))
	delete(entry, key)
	return d.become(d.text[:start]+kept+d.text[end:], d.with(at, entry), pair.Line)
}

// pair returns the pair of a key; nil if the block has none.
func (d *Document) pair(block *strict.Block, key string) (*strict.Pair, error) {
	for n := range block.Pairs {
		pair := &block.Pairs[n]
		if pair.Key[0] != key {
			continue
		}
		if len(pair.Key) > 1 {
			return nil, d.fault(pair.Line, "edit it by hand", "%s is written with a dot", key)
		}
		return pair, nil
	}
	return nil, nil
}

// inserted is the text with a new pair: below the last pair that comes before it in the order of
// the part's keys.
func (d *Document) inserted(block *strict.Block, pair Pair) string {
	after, indent := block.Header.End, ""
	if len(block.Pairs) > 0 {
		first := block.Pairs[0].Name.Start
		indent = d.text[d.lineStart(first):first]
	}
	order := d.keys[block.Path[0]]
	for n := range block.Pairs {
		if slices.Index(order, block.Pairs[n].Key[0]) < slices.Index(order, string(pair.Key)) {
			after = block.Pairs[n].Value.End
		}
	}
	place, eol := d.lineEnd(after), d.eolOf(after)
	lines := strings.ReplaceAll(indent+pair.write(eol), eol, eol+indent) + eol
	if !strings.HasSuffix(d.text[:place], "\n") {
		lines = eol + strings.TrimSuffix(lines, eol)
	}
	return d.text[:place] + lines + d.text[place:]
}

// eolOf is how the line of an offset ends.
func (d *Document) eolOf(at int) string {
	switch end := d.lineEnd(at); {
	case strings.HasSuffix(d.text[:end], "\r\n"):
		return "\r\n"
	case strings.HasSuffix(d.text[:end], "\n"):
		return "\n"
	}
	return d.eol
}

// changedList is a list's new text, and what it then holds: the elements that stay, and then the
// new ones.
func (d *Document) changedList(pair *strict.Pair, key string, wanted []any, value Value, old any) (string, []any) {
	elements, isList := old.([]any)
	if !isList { // a string, where a list may be written as well
		if len(wanted) == 1 && wanted[0] == old {
			return pair.Value.Of(d.text), wanted
		}
		return writeList(key, value.elements, d.eol), wanted
	}
	var kept []int
	decoded := []any{}
	for n, element := range elements {
		if holds(wanted, element) {
			kept, decoded = append(kept, n), append(decoded, element)
		}
	}
	var added []literal
	for n, element := range wanted {
		if !holds(elements, element) {
			added, decoded = append(added, value.elements[n]), append(decoded, element)
		}
	}
	switch isLong := strings.Contains(pair.Value.Of(d.text), "\n"); {
	case len(added) == 0 && len(kept) == len(elements):
		return pair.Value.Of(d.text), elements
	case len(kept) == 0 && !pair.HasComment || !isLong:
		texts := make([]literal, 0, len(decoded))
		for _, n := range kept {
			texts = append(texts, literal(pair.Elements[n].Of(d.text)))
		}
		return writeList(key, append(texts, added...), d.eol), decoded
	}
	return d.changedLines(pair, kept, added), decoded
}

func holds(list []any, value any) bool {
	return slices.ContainsFunc(list, func(each any) bool { return reflect.DeepEqual(each, value) })
}

// changedLines is a list over several lines with some elements removed, each with its line, and
// others added.
func (d *Document) changedLines(pair *strict.Pair, kept []int, added []literal) string {
	var b strings.Builder
	from := pair.Value.Start
	if len(pair.Elements) == 0 { // there are comments alone
		b.WriteString(strings.TrimRight(d.text[from:pair.Value.End-1], " \t"))
		d.addLines(&b, listIndent, added)
		return b.String() + "]"
	}
	for n, element := range pair.Elements {
		isKept := slices.Contains(kept, n)
		if !isKept {
			cut := d.cutOf(pair, n)
			b.WriteString(d.text[from:max(from, cut.Start)])
			from = max(from, cut.End)
		}
		if n == len(pair.Elements)-1 && len(added) > 0 {
			from = d.addBehind(&b, pair, element, isKept, from, added)
		}
	}
	b.WriteString(d.text[from:pair.Value.End])
	return b.String()
}

// cutOf is what goes with an element: its line, if nothing else is on it, or else the element and
// its comma.
func (d *Document) cutOf(pair *strict.Pair, n int) strict.Span {
	element := pair.Elements[n]
	end := d.behindComma(element.End, pair.Value.End)
	start, line := d.lineStart(element.Start), d.lineEnd(end)
	rest, isFirst := d.text[end:line], isBlank(d.text[start:element.Start])
	if isFirst && (isBlank(rest) || isComment(rest)) && line <= pair.Value.End {
		return strict.Span{Start: start, End: line}
	}
	for d.text[end] == ' ' || d.text[end] == '\t' {
		end++
	}
	if isFirst && end == pair.Value.End-1 { // the bracket follows
		return strict.Span{Start: start, End: end}
	}
	return strict.Span{Start: element.Start, End: end}
}

// behindComma is the offset behind the comma that follows an offset, or that offset if none does on
// its line.
func (d *Document) behindComma(at, limit int) int {
	rest := strings.TrimLeft(d.text[at:limit], " \t")
	if strings.HasPrefix(rest, ",") {
		return limit - len(rest) + 1
	}
	return at
}

// addBehind writes new elements behind the last one, each on a line of its own if the last one has
// one, and returns the offset up to which the text is written.
func (d *Document) addBehind(b *strings.Builder, pair *strict.Pair, last strict.Span, isKept bool, from int,
	added []literal) int {
	start := d.lineStart(last.Start)
	indent := d.text[start:last.Start]
	if !isBlank(indent) {
		indent = listIndent
	}
	if !isKept {
		d.addLines(b, indent, added)
		return from
	}
	end := d.behindComma(last.End, pair.Value.End)
	b.WriteString(d.text[from:last.End] + ",")
	line := d.contentEnd(end)
	if line >= pair.Value.End { // the bracket is on the same line
		b.WriteString(" " + joined(added, ", "))
		return end
	}
	b.WriteString(d.text[end:line] + d.eol + indent + joined(added, ","+d.eol+indent) + ",")
	return line
}

// addLines writes each element on a line of its own.
func (d *Document) addLines(b *strings.Builder, indent string, elements []literal) {
	if !strings.HasSuffix(b.String(), "\n") {
		b.WriteString(d.eol)
	}
	for _, element := range elements {
		b.WriteString(indent + string(element) + "," + d.eol)
	}
}

package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Position is a place in a file. The zero value is nowhere.
type Position struct {
	File inventory.Untrusted `json:"file"` // the path as it was given
	Line int                 `json:"line"` // counted from 1
}

// String returns "allowlist.toml:12".
func (p Position) String() string {
	if p == (Position{}) {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Compare orders places by file and line.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line))
}

// Problem is one thing that is wrong, or worth a second look, at a place of the file.
type Problem struct {
	Position Position `json:"position"`
	// Message says what is wrong, without a full stop. Foreign text in it is quoted and harmless on a
	// terminal.
	Message string `json:"message"`
	// Hint says what to do, such as `did you mean "extension"?`. May be empty.
	Hint string `json:"hint,omitzero"`
}

// String returns "allowlist.toml:12: message (hint)".
func (p Problem) String() string {
	text := p.Position.String() + ": " + p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// Problems is the error of a file that cannot be used. It holds everything that is wrong at once,
// in the order of the file.
type Problems struct {
	Problems []Problem
}

// Error returns one line for each problem.
func (p *Problems) Error() string {
	lines := make([]string, len(p.Problems))
	for n, problem := range p.Problems {
		lines[n] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Sort brings problems into the order of their files and lines.
func Sort(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Position.Compare(b.Position) })
}

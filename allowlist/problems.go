package allowlist

import "guestlist/allowlist/strict"

// What is wrong with a file, and where, is told in package strict's words.
type (
	Position = strict.Position
	Problem  = strict.Problem
	Problems = strict.Problems
)

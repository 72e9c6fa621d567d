package allowlist

import "guestlist/allowlist/strict"

// Package strict has the types for what is wrong with a file, and where.
type (
	Position = strict.Position
	Problem  = strict.Problem
	Problems = strict.Problems
)

package inventory

import (
	"cmp"
	"fmt"
)

// Level ranks how much an access lets a thing do (its risk tier) and how urgent a finding is (its
// severity).
type Level string

const (
	Info     Level = "info"
	Low      Level = "low"
	Medium   Level = "medium"
	High     Level = "high"
	Critical Level = "critical"
)

// Levels lists every level from the lowest to the highest.
func Levels() []Level { return []Level{Info, Low, Medium, High, Critical} }

// ParseLevel returns the level of that name.
func ParseLevel(name string) (Level, error) {
	for _, level := range Levels() {
		if string(level) == name {
			return level, nil
		}
	}
	return "", fmt.Errorf("%q is not a level (info, low, medium, high, critical)", Untrusted(name))
}

// Compare is negative when l is below other. A level this version does not know counts as medium.
func (l Level) Compare(other Level) int { return cmp.Compare(l.rank(), other.rank()) }

// AtLeast reports whether l is other or above it.
func (l Level) AtLeast(other Level) bool { return l.Compare(other) >= 0 }

// Shift moves a level by steps, up for positive, and stays within info and critical.
func (l Level) Shift(steps int) Level {
	levels := Levels()
	return levels[min(max(l.rank()+steps, 0), len(levels)-1)]
}

// MaxLevel returns the highest of the levels, or Info if there are none.
func MaxLevel(levels ...Level) Level {
	highest := Info
	for _, level := range levels {
		if level.Compare(highest) > 0 {
			highest = level
		}
	}
	return highest
}

func (l Level) rank() int {
	for n, level := range Levels() {
		if l == level {
			return n
		}
	}
	return 2
}

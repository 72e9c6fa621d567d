// Package tally counts how asking about many users, or many apps, went, and decides when to stop.
//
// Who could not be read has a coverage of its own, and the others are complete. A fault that would
// hit everyone ends the feature, as does a long row of faults of one cause. A refusal is about
// whom it was asked: administrators are refused for what they are, and a unit of which Google
// refuses everyone it is asked about is left. Who was deleted meanwhile is noted, and costs
// nothing, unless most are said to be.
package tally

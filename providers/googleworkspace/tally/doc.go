// Package tally counts how asking about many users, or many apps, went, and decides when to stop.
//
// A user who could not be read has a coverage of its own, and the others are complete. A fault that
// would hit everyone ends the feature, as does a long run of faults with one cause. A refusal
// concerns only the user asked about: administrators are refused because they are administrators,
// and a unit is skipped once Google has refused everyone in it so far. A user deleted in the
// meantime is noted and costs nothing, unless most are reported as deleted.
package tally

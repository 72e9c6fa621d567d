// Package diff turns an inventory, an allowlist and a baseline into findings.
//
// It is pure: it reads pairs of records (what was there in the baseline, what is there now), asks
// the allowlist and the risk tables, and returns a [Judgement]. It reads no file and no clock, and
// knows no output format.
//
// Items of one app are one finding with its holders listed. Where a finding already says why an
// item needs a person, a change against the baseline is told by that finding and not by a second
// one. What could not be observed is never taken for absent: "new" and "removed" are said only of
// sources that were fully read both times.
//
// Accounts are told apart by the platform's ID, so that a renamed one is compared with itself. What
// went with an account is told with it.
//
// Cost grows linearly with the records. Memory grows with the number of findings, which is that of
// apps, and of sources that were not fully read, and with that of accounts that came, left or were
// renamed; a holder costs eight bytes in each finding that it is in, and at most 20,000 of them and
// a few of each finding are listed. What was seen of an app costs nothing beside a finding that has
// all of it.
package diff

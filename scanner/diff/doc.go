// Package diff turns an inventory, an allowlist and a baseline into findings.
//
// It is pure: it reads pairs of records (what was there in the baseline, what is there now), asks
// the allowlist and the risk tables, and returns a [Judgement]. It reads no file and no clock, and
// knows no output format.
//
// Items of one app are one finding with its holders listed. If a finding already says why an item
// needs attention, it also reports the item's change against the baseline; there is no second one.
// What could not be observed is never taken for absent: "new" and "removed" are reported only for
// sources that were fully read both times.
//
// Accounts are identified by the platform's ID, so that a renamed one is compared with itself. What
// disappeared with an account is reported with it.
//
// Time grows linearly with the records. Memory grows with the number of findings (apps, and sources
// that were not fully read) and of accounts that were added, left or were renamed. A holder costs
// eight bytes in each of its findings; at most 20,000 holders, and a few more of each finding, are
// listed. What was seen of an app takes no memory beyond a finding that has all of it.
package diff

// Package testkit holds what the tests of several packages need alike: a sink that keeps or counts what a scan
// adds, a clock that only the test moves, what a piece of work takes in time and memory, files, golden files, and the skip
// of a comparison for which something is missing here.
//
// Its helpers make and transform values; they judge none. A helper that takes a [testing.TB] ends
// the test only where the test cannot go on: a file that cannot be written, a directory that cannot be listed. What is
// right is for the test to say, with cmp.Diff and its own words. Two helpers are the exception,
// since they compare nothing but bytes: [Golden] and [GoldenPart].
//
// It is for tests and for the fakes that serve them: the program imports it nowhere, which a rule
// of the house holds. A helper that one package alone needs belongs into that package's tests.
package testkit

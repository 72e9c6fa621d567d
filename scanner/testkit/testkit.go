// Package testkit holds helpers that the tests of several packages share: a sink that keeps or
// counts what a scan adds, a clock that only the test moves, measures of time and memory, files,
// golden files, and skipping tests whose reference is not available.
//
// Its helpers make and transform values, and judge none. A helper that takes a [testing.TB] ends
// the test only if the test cannot go on: a file cannot be written, a directory cannot be listed.
// The test itself says what is right, with cmp.Diff and in its own words. The exceptions are the
// golden helpers ([Golden], [GoldenPart], [GoldenBetween]), since they only compare bytes.
//
// It is for tests and the fakes they use: the program never imports it, which a test in
// cmd/internal/house enforces. A helper that only one package needs belongs in that package's
// tests.
package testkit

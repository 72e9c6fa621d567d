// Package history keeps the snapshots of earlier scans and reads back what they saw of one thing.
//
// # What is kept
//
// Every scan that keeps state leaves a copy of its snapshot here, exactly as it was observed: a
// baseline may carry over what an earlier scan read; a kept snapshot never does. For each scope,
// the last few are kept, and the last one of each week for a year (see [Policy]). Beyond a total
// size the oldest are removed too, but never the last one of a scope.
//
// A snapshot is copied as it is, compressed. An item takes about 15 bytes if many are alike, as an
// organization's grants are, and up to 200 if none are, as in the profiles of one laptop: 50,000
// grants take less than 1 MB, and a full history of them about 40 MB.
//
// Where the allowlist has feeds, a list of the apps of each snapshot is kept beside it once it was
// read ([Archive.Apps]), so that the next scan finds what a new feed names without reading all
// snapshots again.
//
// # How it is written
//
// Each file is written as a whole, under the lock of the scope (snapshot.Store.Lock). Its name
// holds the scope's digest, the time and the run, so pruning opens nothing, and two concurrent runs
// never write the same file. Readers take no lock: a file removed while they work has either been
// read already or counts as missing.
//
// # What is read back
//
// [Find] says which things a word may mean in the latest snapshots; [Trace] reads what all kept
// snapshots saw of one thing. Each snapshot is read once, from beginning to end; only records that
// may belong to it are decoded. 62 snapshots of 50,000 items, with 5,000 holders of the app in
// question in each, take 10 to 20 s on two cores and 100 MB (BenchmarkShow).
//
// Unknown is never "no": if no scan looked, or the source was not read, the result says so.
package history

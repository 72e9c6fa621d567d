// Package history keeps the snapshots of earlier scans and reads back what they saw of one thing.
//
// # What is kept
//
// Every scan that keeps state leaves a copy of its snapshot here, exactly as it was observed: a
// baseline may carry what an earlier scan read, a kept snapshot never does. Of each scope the last
// few stay, and one a week for a year (see [Policy]): of a week's snapshots the last. What is over
// the size that all of them may have together goes as well, the oldest first, but the last of each
// scope stays.
//
// A snapshot is copied as it is, compressed. An item takes about 15 bytes of it where many are
// alike, as an organization's grants are, and up to 200 where none is, as in the profiles of one
// laptop: 50,000 grants take less than 1 MB, and a full history of them about 40 MB.
//
// # How it is written
//
// Under the lock of the scope (snapshot.Store.Lock), and each file as a whole. Its name holds the
// scope's digest, the time and the run, so that pruning opens nothing, and two runs at once never
// write the same file. Readers take no lock: a file that goes while they read has been read or is
// not there.
//
// # What is read back
//
// [Find] says which things a word may mean, in what was seen last; [Trace] reads all kept
// snapshots for what they saw of one. Each snapshot is read once from its beginning to its end; only
// records that can be of the thing are decoded. 62 snapshots of 50,000 items, in each of which 5,000
// people have the app that is asked about, take 10 to 20 s on two cores and 100 MB (BenchmarkShow).
//
// Unknown is never "no": where no scan looked, or the source was not read, that is said.
package history

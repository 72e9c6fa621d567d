// Package checkpoint keeps on disk what a scan of many users has listed and read, so that memory
// does not grow with the organization, an interrupted scan goes on where it stopped, and the next
// incremental one builds on it. It knows neither the vendor nor the credential: it is given a
// directory, a fingerprint of what is to be read, whether the scan is incremental, and the time,
// and keeps lines of JSON by the ID of whom they are about.
//
// # What is on disk
//
// The directory "google-workspace" below the state directory holds "run", the scan that is being
// made, and "base", the last one that finished. Each is a directory of line files, one for each
// kind of record and part ("done-07.jsonl"), with meta.json beside them; all have mode 0600. A part
// holds the users whose ID hashes to it, so that one part at a time is in memory. Records are
// buffered, 4 KiB a file, until the run is closed, which writes to the disk itself; of those who
// were read ([Done], the checkpoint) a kill costs the last dozen or two, who are read again.
//
// # What is believed
//
// A kill may leave half a line, and a machine that lost its power may lose the end of any file: a
// line that cannot be read is passed over, appending begins behind the last whole line, and whoever
// has no record is read again. State of another version or fingerprint, of the future, or older
// than [MaxCheckpointAge] (to go on) and [MaxCursorAge] (to build on) is put aside, and
// [State.Notes] says so.
//
// # Two scans at once
//
// One scan at a time has the directory. Another one finds the lock taken, works in a temporary
// directory, is full, keeps nothing, and says so. The lock is the operating system's and ends with
// its process.
package checkpoint

// Package checkpoint keeps on disk what a scan of many users has listed and read, so that memory
// does not grow with the organization, an interrupted scan resumes where it stopped, and the next
// incremental scan builds on it. It knows neither the vendor nor the credential. It takes a
// directory, a fingerprint of what is to be read, whether the scan is incremental, and the time,
// and keeps lines of JSON by the ID of the user they are about.
//
// # What is on disk
//
// The directory "google-workspace" below the state directory holds "run", the scan that is being
// made, and "base", the last one that finished. Each is a directory of line files, one for each
// kind of record and part ("done-07.jsonl"), with meta.json beside them; all have mode 0600. A part
// holds the users whose ID hashes to it, so that one part at a time is in memory. Records are
// buffered, 4 KiB a file, until the run is closed, which syncs them to disk. A kill costs the last
// dozen or two of the users already read ([Done], the checkpoint): they are read again.
//
// # What is believed
//
// A kill may leave half a line, and a power failure may lose the end of any file. A line that
// cannot be read is skipped, appending begins after the last whole line, and a user without a
// record is read again. State is set aside if it has another version or fingerprint, is from the
// future, or is older than [MaxCheckpointAge] (to resume) or [MaxCursorAge] (to build on);
// [State.Notes] says so.
//
// # Two scans at once
//
// One scan at a time uses the directory. Another one finds it locked, works in a temporary
// directory, is full, keeps nothing, and says so. The operating system holds the lock and releases
// it when the process exits.
package checkpoint

// Package localprofile is the code that the providers of local browsers share for reading profiles
// that others wrote.
//
// It knows no browser. The tables of browsers and the formats of their files belong to the
// providers.
//
// # Files
//
// Files are read through a root that symlinks and ".." cannot leave, regular files and directories
// only, within a stated size, never for writing, never taking a lock (files.go). Nothing else is
// ever opened, whatever its name: opening a FIFO waits for its other end, and opening a device may
// do something. A name is looked at before it is opened, and nothing that replaces it between the
// two can make the open wait either: directories are opened as "name/.", which only a directory
// has, and files with a flag that never waits. The absolute paths inside a profile are followed
// below the root of the scanned system (system.go).
//
// # Sources
//
// Where a home keeps application data is in places.go; the walk that finds browsers not named in
// any table is in unlisted.go. Each source is read behind a guard: a panic or a file system that
// does not answer costs that source alone (read.go). What goes wrong is put into words and a
// coverage in one place (faults.go, details.go).
package localprofile

// Package snapshot reads, writes and compares snapshot files: everything that one scan observed.
//
// A snapshot is JSON Lines, gzip-compressed when its name ends in ".gz". Each line is an object
// with one member that names the record:
//
//	{"header":{"schema_version":"1.1","run_id":…,"started":…,"host":…,"scope":{…}}}
//	{"coverage":{…}}    one for each source, see inventory.Coverage
//	{"account":{…}}     see inventory.Account
//	{"item":{…}}        see inventory.Item
//	{"trailer":{"coverage":3,"accounts":0,"items":42,"complete":true,"finished":…,"digest":"sha256:…"}}
//
// Coverage, accounts and items come in this order, each sorted by its key, so that two snapshots of
// any size are compared by one merge pass in constant memory, and two scans that saw the same thing
// differ only in header and trailer. The digest covers every byte before it, uncompressed, so that
// no byte can change unnoticed. schema.json describes a line.
//
// Files are sorted by name, while comparison goes by the platform's account IDs: see moves.go.
//
// Identical records are kept once. Different records with one key, which only a faulty source has,
// are all kept, in byte order.
//
// A file without its trailer is truncated, one with a different digest was altered, and one from a
// newer major version is not understood: all are rejected with a [FormatError]. Newer minor
// versions, unknown fields and unknown values of enumerations are accepted.
//
// Cost: writing sorts (n log n) in a bounded buffer and spills sorted runs next to the target;
// reading and comparing are linear.
package snapshot

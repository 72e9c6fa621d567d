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
// any size are compared by one merge pass in constant memory, and two scans that saw the same are
// the same bytes but for header and trailer. The digest is over every byte before it, uncompressed,
// so that no byte can change unnoticed. schema.json describes a line.
//
// Files are in the order of names, and comparison goes by the platform's IDs of accounts: see
// moves.go.
//
// Identical records are kept once. Different records of one key, which only a faulty source has,
// are all kept, in the order of their bytes.
//
// A file without its trailer is truncated, one with another digest was altered, one of a newer
// major version is not understood: all are refused with a [FormatError]. Newer minor versions,
// unknown fields and unknown values of enumerations are accepted.
//
// Cost: writing sorts (n log n) in a bounded buffer and spills sorted runs beside the target;
// reading and comparing are linear.
package snapshot

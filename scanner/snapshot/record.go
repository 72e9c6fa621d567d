package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// SchemaVersion is written to every file. Readers accept any minor version of the same major one.
const SchemaVersion = "1.1"

// Kind names a record.
type Kind string

const (
	KindHeader   Kind = "header"
	KindCoverage Kind = "coverage"
	KindAccount  Kind = "account"
	KindItem     Kind = "item"
	KindTrailer  Kind = "trailer"
)

// Header is the first record of a snapshot: what identifies the run, and what it looked at.
type Header struct {
	SchemaVersion   inventory.Untrusted `json:"schema_version"`
	ToolVersion     inventory.Untrusted `json:"tool_version"`
	RunID           inventory.Untrusted `json:"run_id"`
	Started         time.Time           `json:"started"`
	Host            inventory.Untrusted `json:"host,omitzero"`
	Scope           Scope               `json:"scope"`
	AllowlistDigest inventory.Untrusted `json:"allowlist_digest,omitzero"`
}

// Scope is what a scan looked at. Only between scans of the same scope does a missing source mean
// that it was not there.
type Scope struct {
	Providers   []inventory.Provider  `json:"providers"`
	Homes       []inventory.Untrusted `json:"homes,omitempty"`
	ProfileDirs []inventory.Untrusted `json:"profile_dirs,omitempty"`
	Targets     []inventory.Untrusted `json:"targets,omitempty"` // organizations, customers
	AllUsers    bool                  `json:"all_users,omitzero"`
	Builtin     bool                  `json:"builtin,omitzero"`
}

// Equal reports whether two scans looked at the same places, regardless of the order in which they
// were named.
func (s Scope) Equal(other Scope) bool { return s.Digest() == other.Digest() }

// Digest is a short name of the scope, the same for the same places in any order.
func (s Scope) Digest() string {
	canonical := Scope{
		Providers: sorted(s.Providers), Homes: sorted(s.Homes), ProfileDirs: sorted(s.ProfileDirs),
		Targets:  sorted(s.Targets),
		AllUsers: s.AllUsers, Builtin: s.Builtin,
	}
	text, err := json.Marshal(canonical, encoding)
	if err != nil { // strings and booleans always encode
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Trailer is the last record: it shows that the file is complete and unchanged. Digest is last and
// covers every byte of the file before it, including those of the trailer.
type Trailer struct {
	Summary
	Complete bool                `json:"complete"`
	Finished time.Time           `json:"finished"`
	Digest   inventory.Untrusted `json:"digest"`
}

// Summary counts records.
type Summary struct {
	Coverage int `json:"coverage"`
	Accounts int `json:"accounts"`
	Items    int `json:"items"`
}

// Record is one record between header and trailer; one of its fields is set.
type Record struct {
	Coverage *inventory.Coverage `json:"coverage,omitzero"`
	Account  *inventory.Account  `json:"account,omitzero"`
	Item     *inventory.Item     `json:"item,omitzero"`
}

// frame is any line.
type frame struct {
	Header   *Header             `json:"header,omitzero"`
	Coverage *inventory.Coverage `json:"coverage,omitzero"`
	Account  *inventory.Account  `json:"account,omitzero"`
	Item     *inventory.Item     `json:"item,omitzero"`
	Trailer  *Trailer            `json:"trailer,omitzero"`
}

// encoding is how every line is written: invalid UTF-8 cannot stop a scan, and lines with the same
// content are the same bytes.
var encoding = json.JoinOptions(jsontext.AllowInvalidUTF8(true), json.Deterministic(true))

// order gives the place of each kind in the file.
var order = []Kind{KindHeader, KindCoverage, KindAccount, KindItem, KindTrailer}

func rank(kind Kind) int { return slices.Index(order, kind) }

// kindOf reads the record's name from the beginning of a line as we write it; "" sends the caller
// to the decoder.
func kindOf(line []byte) Kind {
	switch {
	case bytes.HasPrefix(line, []byte(`{"item":{`)):
		return KindItem
	case bytes.HasPrefix(line, []byte(`{"account":{`)):
		return KindAccount
	case bytes.HasPrefix(line, []byte(`{"coverage":{`)):
		return KindCoverage
	case bytes.HasPrefix(line, []byte(`{"trailer":{`)):
		return KindTrailer
	}
	return ""
}

func sorted[T ~string](list []T) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(string(a), string(b)) })
	return slices.Compact(list)
}

// Package winregistry reads keys of the Windows registry, where programs register what they
// installed for browsers. Nothing is written, and other systems have no registry.
package winregistry

// Hive is one of the two trees that browsers look into.
type Hive string

const (
	User    Hive = "HKEY_CURRENT_USER" // that of the user who runs this program
	Machine Hive = "HKEY_LOCAL_MACHINE"
)

// Registry is a registry to read. A missing key or value is an error that is fs.ErrNotExist.
type Registry interface {
	// Subkeys returns the names of at most limit keys directly below a key, in both views of it,
	// that of 32-bit and that of 64-bit programs, each name once.
	Subkeys(hive Hive, key string, limit int) ([]string, error)
	// Default returns the default value of a key, in the 32-bit view or, if that has none, in the
	// 64-bit view.
	Default(hive Hive, key string) (string, error)
	// Values returns at most limit values of a key by name, in the view of 64-bit programs: strings,
	// lists of strings ([]string) and numbers (int64). Values of other types are left out.
	Values(hive Hive, key string, limit int) (map[string]any, error)
}

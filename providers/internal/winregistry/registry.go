// Package winregistry reads keys of the Windows registry, where programs tell browsers what is
// installed for them. Nothing is written, and other systems have no registry.
package winregistry

// Hive is one of the two trees that browsers look into.
type Hive string

const (
	User    Hive = "HKEY_CURRENT_USER" // of the user who runs this program
	Machine Hive = "HKEY_LOCAL_MACHINE"
)

// Registry is a registry to read. A key or value that is not there is an error that is
// fs.ErrNotExist.
type Registry interface {
	// Subkeys returns the names of at most limit keys directly below a key, in both of the views that
	// programs of 32 and of 64 bits have of it, each once.
	Subkeys(hive Hive, key string, limit int) ([]string, error)
	// Default returns the text that a key has for itself, in the view of 32 bits or, without one, of
	// 64.
	Default(hive Hive, key string) (string, error)
}

package risk

// note says why a name gives no access of its own, or where its access is shown.
type note struct {
	Name string `toml:"name"`
	Why  string `toml:"why"`
}

//go:build !windows

package winregistry

// System returns the registry of this machine, or nil if there is none.
func System() Registry { return nil }

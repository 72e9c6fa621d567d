package winregistry

import (
	"errors"
	"io"
	"slices"

	"golang.org/x/sys/windows/registry"
)

// System returns the registry of this machine, or nil if there is none.
func System() Registry { return system{} }

type system struct{}

// views are the two that browsers look into, in their order.
var views = []uint32{registry.WOW64_32KEY, registry.WOW64_64KEY}

var roots = map[Hive]registry.Key{User: registry.CURRENT_USER, Machine: registry.LOCAL_MACHINE}

func (system) Subkeys(hive Hive, key string, limit int) ([]string, error) {
	var names []string
	var faults []error
	for _, view := range views {
		opened, err := registry.OpenKey(roots[hive], key, registry.ENUMERATE_SUB_KEYS|view)
		if err != nil {
			faults = append(faults, err) // registry.ErrNotExist is fs.ErrNotExist
			continue
		}
		found, err := opened.ReadSubKeyNames(limit)
		opened.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		names = append(names, found...)
	}
	if len(faults) == len(views) {
		return nil, faults[0]
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (system) Default(hive Hive, key string) (string, error) {
	var fault error
	for _, view := range views {
		opened, err := registry.OpenKey(roots[hive], key, registry.QUERY_VALUE|view)
		if err == nil {
			var text string
			text, _, err = opened.GetStringValue("")
			opened.Close()
			if err == nil {
				return text, nil
			}
		}
		if fault == nil {
			fault = err
		}
	}
	return "", fault
}

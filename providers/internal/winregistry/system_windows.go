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

func (system) Values(hive Hive, key string, limit int) (map[string]any, error) {
	opened, err := registry.OpenKey(roots[hive], key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return nil, err // registry.ErrNotExist is fs.ErrNotExist
	}
	defer opened.Close()
	names, err := opened.ReadValueNames(limit)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	values := map[string]any{}
	for _, name := range names {
		value, err := value(opened, name)
		if err != nil {
			return nil, err
		}
		if value != nil {
			values[name] = value
		}
	}
	return values, nil
}

// value returns a value as a string, a list of strings or a number; nil for one of another type.
func value(key registry.Key, name string) (any, error) {
	_, kind, err := key.GetValue(name, nil)
	if err != nil {
		return nil, err
	}
	switch kind {
	case registry.SZ, registry.EXPAND_SZ:
		text, _, err := key.GetStringValue(name)
		return text, err
	case registry.MULTI_SZ:
		texts, _, err := key.GetStringsValue(name)
		return texts, err
	case registry.DWORD, registry.QWORD:
		number, _, err := key.GetIntegerValue(name)
		return int64(number), err
	}
	return nil, nil
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

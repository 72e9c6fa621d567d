package risk

import "guestlist/scanner/inventory"

// PermissionNames returns the permissions that a provider's table has a row for, sorted: the API
// permissions of a browser, without hosts, surfaces and families of names. A provider without a
// table has none.
func PermissionNames(provider inventory.Provider) []inventory.Untrusted {
	table := tables[provider]
	if table == nil {
		return nil
	}
	names := make([]inventory.Untrusted, len(table.permissions))
	for n, row := range table.permissions {
		names[n] = inventory.Untrusted(row.Name)
	}
	return names
}

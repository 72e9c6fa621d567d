package cli

import (
	"guestlist/cmd/internal/config"
)

// Help and hints name the vendors that can be configured, and what each of them can do, so that a
// new vendor is named too.

// vendorsWhere lists the vendors that have a property.
func vendorsWhere(has func(*config.Vendor) bool) []*config.Vendor {
	var list []*config.Vendor
	for _, v := range config.Vendors() {
		if has(v) {
			list = append(list, v)
		}
	}
	return list
}

func isIncremental(v *config.Vendor) bool { return v.Incremental }
func canSignIn(v *config.Vendor) bool     { return v.SignIn != "" }
func hasHosts(v *config.Vendor) bool      { return v.Hosts }
func isForSelf(v *config.Vendor) bool     { return v.SelfCheck != "" }

// wordsOf returns one word for each vendor.
func wordsOf(list []*config.Vendor, word func(*config.Vendor) string) []string {
	words := make([]string, len(list))
	for n, v := range list {
		words[n] = word(v)
	}
	return words
}

func providerOf(v *config.Vendor) string { return string(v.Providers[0]) }
func tableOf(v *config.Vendor) string    { return v.Table }
func signInOf(v *config.Vendor) string   { return v.SignIn }

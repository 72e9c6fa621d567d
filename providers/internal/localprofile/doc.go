// Package localprofile is what the providers of local browsers share: where a home keeps application data (places.go), how the absolute
// paths inside a profile are followed (system.go), and how a fault of reading becomes words and a coverage (faults.go, details.go).
//
// It knows no browser. The tables of browsers and the formats of their files belong to the providers.
package localprofile

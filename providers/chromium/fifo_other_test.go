//go:build !unix

package chromium

var makeFIFO func(path string) error

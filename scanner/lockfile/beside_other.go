//go:build !windows

package lockfile

// besideLock is appended to the name of a lock file to name the file that says who holds it. It is
// the lock file itself.
const besideLock = ""

package lockfile

// besideLock is appended to the name of a lock file to name the file that says who holds it: Windows
// lets no one read a file that another process has locked.
const besideLock = ".holder"

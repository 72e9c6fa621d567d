//go:build !unix

package localprofile

// doNotWait is nothing where no name in a folder can be that of a FIFO or a device.
const doNotWait = 0

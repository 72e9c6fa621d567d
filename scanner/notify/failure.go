package notify

import (
	"fmt"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// What is said of a receiver without an answer.
const (
	noAnswer    = "it did not answer in time"
	closedEarly = "it closed the connection"
)

// Failure is a delivery that failed. It holds no secret: of a URL, only the host.
type Failure struct {
	Host   string // or the command's name, or the file
	Status int    // of the response; 0 without one
	// Detail is what the receiver or the network said.
	Detail inventory.Untrusted
	// Temporary: another attempt may succeed. A lasting one needs a person first: a wrong address, a
	// revoked token.
	Temporary bool
	// After is the earliest time for another attempt, where the receiver gave one.
	After time.Time
	// Unsure: the message may have been taken, since the connection ended before the answer.
	Unsure bool
}

func (f *Failure) Error() string {
	var text strings.Builder
	text.WriteString(f.Host)
	if f.Status != 0 {
		fmt.Fprintf(&text, " answered %d", f.Status)
	}
	if f.Detail != "" {
		fmt.Fprintf(&text, ": %v", f.Detail)
	}
	return text.String()
}

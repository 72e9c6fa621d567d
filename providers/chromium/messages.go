package chromium

import (
	"strings"

	"guestlist/providers/internal/webext"
)

// parseMessages reads a messages.json and fills in the wanted messages that are still missing. Keys
// are compared ignoring case.
func parseMessages(r *reader, data []byte, scratch *[]byte, wanted map[string]string) error {
	return r.lenient(data, scratch, func() error {
		return r.document(func(name string) error {
			key := strings.ToLower(name)
			if known, ok := wanted[key]; !ok || known != "" {
				return r.skip()
			}
			value, err := r.dec.ReadValue()
			if err == nil {
				wanted[key] = webext.Message(value)
			}
			return err
		})
	})
}

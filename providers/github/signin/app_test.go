package signin

import (
	"testing"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
)

// What an answer may hold in the place of an object proves none.
func TestNoAppIsProvenByAnAnswerWithoutIt(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"null", "{}", `{"message":"Not Found"}`, `{"id":null,"slug":[],"permissions":[]}`} {
		for _, into := range []api.Record{&ownApp{}, &installationRecord{}} {
			if err := lenient.Unmarshal([]byte(body), into); err != nil || into.IsProven() {
				t.Errorf("%s is taken for %T: %v", body, into, err)
			}
		}
	}
}

package policyregistry

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/internal/winregistry"
	"guestlist/providers/internal/winregistry/winregistrytest"
)

func TestBothHivesAreReadWithWhatIsBelow(t *testing.T) {
	t.Parallel()
	const path = `SOFTWARE\Policies\Acme\Browser`
	machine, user := `HKEY_LOCAL_MACHINE\`+path, `HKEY_CURRENT_USER\`+path
	tree := winregistrytest.Tree{
		machine:                 {"ExtensionSettings": "{}", "Lines": []string{"a", "b"}, "Number": int64(1)},
		machine + `\List`:       {"1": "a"},
		machine + `\Deep\Below`: {"1": "b"},
		machine + `\Deep`:       {},
		user:                    {"1": "c"},
		machine + `Other`:       {"1": "d"},
	}
	got, err := read(tree, path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Key{
		{user, tree[user]}, {machine, tree[machine]}, {machine + `\Deep`, tree[machine+`\Deep`]},
		{machine + `\Deep\Below`, tree[machine+`\Deep\Below`]}, {machine + `\List`, tree[machine+`\List`]},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none, err := read(tree, `SOFTWARE\Policies\Nobody`); err != nil || none != nil {
		t.Errorf("a key that is not there is %v (%v)", none, err)
	}
}

// refuses is a registry that lets nobody look.
type refuses struct{ winregistry.Registry }

var errRefused = errors.New("access is denied")

func (refuses) Values(winregistry.Hive, string, int) (map[string]any, error) { return nil, errRefused }

func TestAKeyThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := read(refuses{}, `SOFTWARE\Policies\Acme`); !errors.Is(err, errRefused) {
		t.Errorf("error %v", err)
	}
}

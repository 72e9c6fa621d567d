package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// The search for credentials that ends every script must be able to find one.
func TestACredentialInAnyOutputIsFound(t *testing.T) {
	t.Parallel()
	const secret = "-----line of a key with \"quotes\"-----"
	for name, content := range map[string]string{
		"plain":               "token: " + secret + "\n",
		"inside-a-JSON-text":  `{"token":"-----line of a key with \"quotes\"-----"}`,
		"nothing":             "all is well",
		"a-credential-s-file": secret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendors(t.TempDir())
			v.secrets = []string{secret}
			path := filepath.Join(v.dir, "state", "report.json")
			if name == "a-credential-s-file" {
				path = filepath.Join(v.dir, "state", "credentials", "github.json")
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			want := name == "plain" || name == "inside-a-JSON-text"
			if err := v.leaks(); (err != nil) != want {
				t.Errorf("leaks says %v", err)
			}
		})
	}
}

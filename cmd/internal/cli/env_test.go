package cli

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestGuestlistsOwnFilesAreWhereTheSystemKeepsThem(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("its paths are absolute on Unix")
	}
	type variables map[string]string
	for name, test := range map[string]struct {
		system, home  string
		variables     variables
		state, config string
	}{
		"linux": {"linux", "/home/it", nil, "/home/it/.local/state/guestlist", "/home/it/.config/guestlist"},
		"xdg": {"linux", "/home/it", variables{"XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"},
			"/s/guestlist", "/c/guestlist"},
		"xdg-must-be-absolute": {"linux", "/home/it", variables{"XDG_STATE_HOME": "s", "XDG_CONFIG_HOME": "c"},
			"/home/it/.local/state/guestlist", "/home/it/.config/guestlist"},
		"named": {"linux", "/home/it",
			variables{"GUESTLIST_STATE_DIR": "/var/g", "XDG_STATE_HOME": "/s", "STATE_DIRECTORY": "/v"}, "/var/g",
			"/home/it/.config/guestlist"},
		"a-service": {"linux", "", variables{"STATE_DIRECTORY": "/var/lib/guestlist:/var/lib/other",
			"CONFIGURATION_DIRECTORY": "/etc/guestlist"},
			"/var/lib/guestlist", "/etc/guestlist"},
		"nowhere": {"linux", "", nil, "", ""},
		"macos": {"darwin", "/Users/it", nil, "/Users/it/Library/Application Support/guestlist",
			"/Users/it/Library/Application Support/guestlist"},
		"windows": {"windows", "/u", variables{"LOCALAPPDATA": "/l", "APPDATA": "/r"}, "/l/guestlist", "/r/guestlist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := &Env{OS: test.system, Home: test.home, Getenv: func(name string) string { return test.variables[name] }}
			if got := filepath.ToSlash(env.stateDir()); got != test.state {
				t.Errorf("state is in %q, want %q", got, test.state)
			}
			if got := filepath.ToSlash(env.configDir()); got != test.config {
				t.Errorf("the configuration is in %q, want %q", got, test.config)
			}
		})
	}
}

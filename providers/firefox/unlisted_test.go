package firefox

import "testing"

func TestABrowserWithoutARowIsFoundByItsLayout(t *testing.T) {
	t.Parallel()
	const (
		list  = `{"addons":[]}`
		named = "[Profile0]\nName=work\nIsRelative=1\nPath=ab.work\n"
	)
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"in-a-hidden-folder-of-the-home": {map[string]string{".novel/profiles.ini": named,
			".novel/ab.work/extensions.json": list}, []string{"ada/.novel/ab.work"}},
		"of-a-vendor-in-a-hidden-folder": {map[string]string{".vendor/novel/profiles.ini": named,
			".vendor/novel/ab.work/extensions.json": list}, []string{"ada/.vendor∕novel/ab.work"}},
		"in-the-configuration": {map[string]string{".config/a/b/novel/profiles.ini": named,
			".config/a/b/novel/ab.work/prefs.js": "", ".config/a/b/novel/ab.work/extensions.json": list},
			[]string{"ada/a∕b∕novel/ab.work"}},
		"in-a-flatpak": {map[string]string{".var/app/example.Novel/.novel/profiles.ini": named,
			".var/app/example.Novel/.novel/ab.work/extensions.json": list}, []string{"ada/.novel/ab.work"}},
		"in-the-data-of-a-flatpak": {map[string]string{".var/app/example.Novel/data/novel/profiles.ini": named,
			".var/app/example.Novel/data/novel/ab.work/extensions.json": list}, []string{"ada/novel/ab.work"}},
		"in-a-snap": {map[string]string{"snap/novel/common/.novel/profiles.ini": named,
			"snap/novel/common/.novel/ab.work/extensions.json": list}, []string{"ada/.novel/ab.work"}},
		"in-a-snap's-revision": {map[string]string{"snap/novel/7/.novel/profiles.ini": named,
			"snap/novel/7/.novel/ab.work/extensions.json": list}, []string{"ada/.novel/ab.work"}},
		"in-the-share-of-a-home": {map[string]string{".local/share/novel/profiles.ini": named,
			".local/share/novel/ab.work/extensions.json": list}, []string{"ada/novel/ab.work"}},
		"on-macOS": {map[string]string{"Library/Application Support/Novel/Profiles/ab.work/extensions.json": list},
			[]string{"ada/Novel/ab.work"}},
		"in-a-container-of-macOS": {map[string]string{
			"Library/Containers/example.novel/Data/Library/Application Support/Novel/Profiles/ab.work/extensions.json": list,
		}, []string{"ada/Novel/ab.work"}},
		"on-Windows": {map[string]string{"AppData/Roaming/Vendor/Novel/profiles.ini": named,
			"AppData/Roaming/Vendor/Novel/ab.work/extensions.json": list}, []string{"ada/Vendor∕Novel/ab.work"}},
		"in-the-low-data-of-Windows": {map[string]string{"AppData/LocalLow/Novel/profiles.ini": named,
			"AppData/LocalLow/Novel/ab.work/extensions.json": list}, []string{"ada/Novel/ab.work"}},
		"a-single-profile": {map[string]string{".work-profile/extensions.json": list,
			".work-profile/prefs.js": ""}, []string{"ada/.work-profile/.work-profile"}},
		"one-whose-profile-is-away": {map[string]string{".novel/profiles.ini": "[Profile0]\nName=work\nIsRelative=0\nPath=/media/stick/work\n"}, []string{"!ada/.novel/work"}},
		"without-a-profiles.ini": {map[string]string{".novel/ab.work/extensions.json": list,
			".novel/ab.work/prefs.js": ""}, []string{"ada/.novel/ab.work"}},
		"profiles-of-another-program": {map[string]string{".game/profiles.ini": named,
			".game/ab.work/modlist.txt": ""}, nil},
		"extensions-of-another-program": {map[string]string{".editor/extensions/extensions.json": "[]"}, nil},
		"one-that-a-row-names-is-read-once": {map[string]string{".librewolf/profiles.ini": named,
			".librewolf/ab.work/extensions.json": list}, []string{"ada/librewolf/ab.work"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			for name, content := range test.files {
				h.write(name, content)
			}
			env := h.env()
			env.Homes[0].AnyOS = true
			_, coverage := collect(t, env)
			expectSources(t, coverage, test.want...)
		})
	}
}

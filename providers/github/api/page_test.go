package api

import (
	"net/http"
	"slices"
	"testing"
)

func TestTheNextPageIsFoundInTheLinkHeader(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"": "none",
		`<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=1>; rel="first"`:             "none",
		`<https://api.github.com/x?per_page=100&page=3>; rel="next", <https://api.github.com/x?page=9>; rel="last"`: "page=3",
		`<https://api.github.com/x?page=9>; rel="last", <https://api.github.com/x?filter=a,b&page=3>; rel="next"`:   "page=3",
		`<https://api.github.com/x?page=bWFyaw%3D%3D>;rel=next`:                                                     "page=bWFyaw%3D%3D",
		`<https://api.github.com/x?after=MS42%3D&before=&per_page=100>; rel="next"`:                                 "after=MS42%3D",
		`<https://evil.example/user?page=2&per_page=1&filter=all&role=x>; title="a"; rel="next"`:                    "page=2",
		`<https://api.github.com/x>; rel="next"`:                                                                    "",
		`<://>; rel="next"`:                                                                                         "",
		`<https://api.github.com/x?page=2>; rel="nextstep"`:                                                         "none",
		`<https://api.github.com/x?page=2>; rel="previous"`:                                                         "none",
		`next`: "none",
	} {
		got := "none"
		if next, found := readLinks(http.Header{"Link": {link}})["next"]; found {
			got = next.Encode()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"`)
	f.Add(`<https://evil.example/?after=%00%FF&host=a>; rel=next`)
	f.Add(`<<>>;;rel="next"`)
	f.Fuzz(func(t *testing.T, link string) {
		for rel, place := range readLinks(http.Header{"Link": {link}}) {
			for name, values := range place {
				if !slices.Contains([]string{"page", "after", "cursor", "since"}, name) || len(values) != 1 || values[0] == "" {
					t.Errorf("%q: %s: %s=%q", link, rel, name, values)
				}
			}
		}
	})
}

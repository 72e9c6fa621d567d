package paging

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// script is a list whose pages are written down: by cursor, the answers of the first, second ...
// time; the last repeats.
type script struct {
	pages map[string][]Page[string]
	asked []string
}

func (s *script) fetch(_ context.Context, cursor string) (*Page[string], error) {
	s.asked = append(s.asked, cursor)
	answers, ok := s.pages[cursor]
	if !ok {
		return &Page[string]{Total: Unknown}, nil
	}
	page := answers[0]
	if len(answers) > 1 {
		s.pages[cursor] = answers[1:]
	}
	return &page, nil
}

// page holds the entries named, one a letter, and names a next cursor.
func page(letters, next string) Page[string] {
	return Page[string]{Entries: entries(letters), Next: next, Total: Unknown}
}

func declaring(total int, p Page[string]) Page[string] {
	p.Total = total
	return p
}

func entries(letters string) []string {
	if letters == "" {
		return nil
	}
	return strings.Split(letters, "")
}

func number(page int) string { return strconv.Itoa(page) }

func once(pages map[string]Page[string]) map[string][]Page[string] {
	all := map[string][]Page[string]{}
	for cursor, page := range pages {
		all[cursor] = []Page[string]{page}
	}
	return all
}

func TestListIsWholeOnlyWhenNothingSpeaksAgainstIt(t *testing.T) {
	const thirty = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"
	counts := func(counts ...int) func(context.Context) int {
		return func(context.Context) int {
			count := counts[0]
			if len(counts) > 1 {
				counts = counts[1:]
			}
			return count
		}
	}
	marked := page("ab", "")
	marked.Doubt = "the answer is marked as partial"
	last := page("abc", "")
	last.Last = true
	for _, test := range []struct {
		name  string
		pages map[string][]Page[string]
		list  List[string]
		read  string
		asks  int
		gap   GapKind
		whole bool
	}{
		{name: "an-empty-list", pages: once(map[string]Page[string]{"1": page("", "")}), asks: 1, whole: true},
		{name: "an-empty-list-that-cannot-be", pages: once(map[string]Page[string]{"1": page("", "")}),
			list: List[string]{NonEmpty: true}, asks: 1, gap: Vacant},
		{name: "two-pages", pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("d", "")}),
			read: "abcd", asks: 2, whole: true},
		{name: "a-next-page-that-was-read", pages: once(map[string]Page[string]{"1": page("abc", "2"),
			"2": page("def", "1")}),
			read: "abcdef", asks: 2, gap: Stuck},
		{name: "a-page-that-names-itself", pages: once(map[string]Page[string]{"1": page("abc", "1")}), read: "abc",
			asks: 1, gap: Stuck},
		{name: "the-same-page-under-new-cursors", read: "abc", asks: 2, gap: Repeated,
			pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("abc", "3"), "3": page("abc", "4")})},
		{name: "a-total-that-is-too-high", read: "ab", asks: 4, gap: Mismatch,
			pages: once(map[string]Page[string]{"1": declaring(3, page("ab", ""))}), list: List[string]{Number: number}},
		{name: "a-total-that-is-too-high-without-numbers", read: "ab", asks: 2, gap: Mismatch,
			pages: once(map[string]Page[string]{"1": declaring(3, page("ab", ""))})},
		{name: "a-total-that-is-too-low", read: "ab", asks: 2, gap: Mismatch,
			pages: once(map[string]Page[string]{"1": declaring(1, page("ab", ""))})},
		{name: "a-total-of-an-empty-page", asks: 2, gap: Mismatch,
			pages: once(map[string]Page[string]{"1": declaring(4, page("", ""))})},
		{name: "a-total-far-below-an-endless-list", read: "abcdef", asks: 4, gap: Mismatch,
			pages: once(map[string]Page[string]{"1": declaring(1, page("abc", "2")), "2": declaring(1, page("def", "3")),
				"3": declaring(1, page("gh", "4"))})},
		{name: "a-full-page-without-a-next-one", read: "abcd", asks: 2, whole: true,
			list:  List[string]{Number: number, Size: 3},
			pages: once(map[string]Page[string]{"1": page("abc", ""), "2": page("d", "")})},
		{name: "a-full-page-that-says-it-is-the-last", read: "abc", asks: 1, whole: true,
			list:  List[string]{Number: number, Size: 3},
			pages: once(map[string]Page[string]{"1": last})},
		{name: "a-page-of-a-usual-size-smaller-than-asked-for", read: thirty + "z", asks: 2, whole: true,
			list:  List[string]{Number: number, Size: 100},
			pages: once(map[string]Page[string]{"1": page(thirty, ""), "2": page("z", "")})},
		{name: "pages-as-large-as-those-before-without-a-next-one", read: "abcdefg", asks: 3, whole: true,
			list:  List[string]{Number: number, Size: 100},
			pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("def", ""), "3": page("g", "")})},
		{name: "a-declared-total-leads-on-where-no-next-page-is-named", read: "abcde", asks: 2, whole: true,
			list:  List[string]{Number: number, Size: 100},
			pages: once(map[string]Page[string]{"1": declaring(5, page("abc", "")), "2": declaring(5, page("de", ""))})},
		{name: "numbers-that-are-ignored", read: "abc", asks: 2, gap: Repeated, list: List[string]{Number: number, Size: 3},
			pages: once(map[string]Page[string]{"1": page("abc", ""), "2": page("abc", "")})},
		{name: "an-entry-that-moved-to-the-next-page-is-read-once", read: "abcdex", asks: 4, whole: true,
			pages: map[string][]Page[string]{"1": {page("abc", "2"), page("xab", "2")}, "2": {page("cde", "")}}},
		{name: "a-list-that-always-moves", read: "abcde", asks: 4, gap: Moved,
			pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("cde", "")})},
		{name: "an-entry-that-was-lost-between-pages-is-read-at-the-second-reading", read: "abcefd", asks: 4, whole: true,
			list:  List[string]{Count: counts(6, 5, 5, 5)},
			pages: map[string][]Page[string]{"1": {page("abc", "2"), page("bcd", "2")}, "2": {page("ef", ""), page("ef", "")}}},
		{name: "a-count-that-the-pages-do-not-hold", read: "abcef", asks: 4, gap: Mismatch,
			list:  List[string]{Count: counts(6)},
			pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("ef", "")})},
		{name: "a-count-that-is-not-known", read: "abcef", asks: 2, whole: true, list: List[string]{Count: counts(Unknown)},
			pages: once(map[string]Page[string]{"1": page("abc", "2"), "2": page("ef", "")})},
		{name: "a-total-that-changes-for-good", read: "abcd", asks: 4, gap: Moved,
			pages: once(map[string]Page[string]{"1": declaring(5, page("ab", "2")), "2": declaring(4, page("cd", ""))})},
		{name: "repeats-that-a-total-makes-up-for", read: "abcd", asks: 2, whole: true,
			pages: once(map[string]Page[string]{"1": declaring(4, page("abc", "2")), "2": declaring(4, page("cd", ""))})},
		{name: "an-entry-that-a-page-repeats", read: "ab", asks: 2, gap: Moved,
			pages: once(map[string]Page[string]{"1": page("aba", "")})},
		{name: "an-answer-that-doubts-itself", read: "ab", asks: 1, gap: Doubtful,
			pages: once(map[string]Page[string]{"1": marked})},
		{name: "an-empty-page-in-the-middle", read: "abc", asks: 3, whole: true,
			pages: once(map[string]Page[string]{"1": page("ab", "2"), "2": page("", "3"), "3": page("c", "")})},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &script{pages: test.pages}
			test.list.First, test.list.Fetch = "1", s.fetch
			test.list.Key = func(entry string) string { return entry }
			read := ""
			result, err := Walk(t.Context(), test.list, func(entries []string) error {
				read += strings.Join(entries, "")
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if read != test.read || result.Read != len([]rune(test.read)) {
				t.Errorf("read %q (%d), want %q", read, result.Read, test.read)
			}
			if result.Pages != test.asks {
				t.Errorf("asked for %d pages (%v), want %d", result.Pages, s.asked, test.asks)
			}
			if result.Whole() != test.whole || !test.whole && result.Gap.Kind != test.gap {
				t.Errorf("whole is %v, want %v; the gap is %v, want kind %d", result.Whole(), test.whole, result.Err(), test.gap)
			}
		})
	}
}

func TestListEndsByItself(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		page   func(n int) Page[string]
		most   int
		reason string
	}{
		{"empty pages with ever new cursors", func(n int) Page[string] { return page("", number(n+1)) }, MaxEmptyPages,
			"the list sent 20 empty pages in a row and does not end"},
		{"ever new entries", func(n int) Page[string] {
			return Page[string]{Entries: []string{number(n)}, Next: number(n + 1), Total: Unknown}
		},
			50, "the list has more than 50 pages"},
		{"ever new entries of a list that declares its total", func(n int) Page[string] {
			return Page[string]{Entries: []string{number(n)}, Next: number(n + 1), Total: 1000}
		}, 70, "the list has more than 70 pages"},
	} {
		asked := 0
		list := List[string]{First: "1", MaxPages: 70, MaxUndeclared: 50, Key: func(entry string) string { return entry },
			Fetch: func(_ context.Context, cursor string) (*Page[string], error) {
				asked++
				n, err := strconv.Atoi(cursor)
				answer := test.page(n)
				return &answer, err
			}}
		result, err := Walk(t.Context(), list, func([]string) error { return nil })
		if err != nil || result.Gap == nil || result.Gap.Kind != Endless || result.Gap.Reason != test.reason ||
			asked != test.most {
			t.Errorf("%s: after %d pages: %v, %v", test.name, asked, result.Err(), err)
		}
	}
}

func TestEntriesWithoutKeyAreKept(t *testing.T) {
	t.Parallel()
	s := &script{pages: once(map[string]Page[string]{"1": declaring(9, page("aab", ""))})}
	list := List[string]{First: "1", Fetch: s.fetch, Key: func(entry string) string { return strings.Trim(entry, "a") }}
	read := ""
	result, err := Walk(t.Context(), list, func(entries []string) error {
		read += strings.Join(entries, "")
		return nil
	})
	if err != nil || read != "aab" || result.Read != 3 ||
		result.Err().Error() != "the list declares 9 entries but holds 3" {
		t.Errorf("read %q (%d): %v, %v", read, result.Read, result.Err(), err)
	}
}

func TestErrorsOfPagesAndReadersEndTheList(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := &script{pages: once(map[string]Page[string]{"1": page("ab", "2")})}
	list := List[string]{First: "1", Key: func(entry string) string { return entry }, Fetch: s.fetch}
	if _, err := Walk(t.Context(), list, func([]string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the reader's error became %v", err)
	}
	list.Fetch = func(ctx context.Context, cursor string) (*Page[string], error) {
		if cursor == "2" {
			return nil, fmt.Errorf("fetching: %w", broken)
		}
		return s.fetch(ctx, cursor)
	}
	result, err := Walk(t.Context(), list, func([]string) error { return nil })
	if !errors.Is(err, broken) || result.Read != 2 {
		t.Errorf("the page's error became %v, after %d entries", err, result.Read)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Walk(stopped, list, func([]string) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped context became %v", err)
	}
}

package history

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// Bounds on what a search remembers.
const (
	maxSubjects = 10_000
	maxNames    = 200_000
	maxNear     = 5
)

// Found is what a query may mean.
type Found struct {
	Subjects []Subject // what it may mean, the most specific first
	// Near are names and IDs similar to the query, if it matches nothing.
	Near []inventory.Untrusted
}

// finder looks for what a query means.
type finder struct {
	query    Query
	subjects map[subjectKey]*Subject
	names    map[inventory.Untrusted]bool
}

// Find searches the latest snapshots for what a query may mean, in the order given. Memory grows
// with the number of different names.
func Find(query Query, latest []string, damaged func(path string, err error)) Found {
	f := &finder{query: query, subjects: make(map[subjectKey]*Subject), names: make(map[inventory.Untrusted]bool)}
	for _, path := range latest {
		if err := f.read(path); err != nil {
			damaged(path, err)
		}
	}
	return f.found()
}

// FindOlder is [Find] for the snapshots to search if the latest have no match. It finds what is
// gone if it is spelled exactly, at the cost of reading their bytes up to the first snapshot that
// contains it.
func FindOlder(query Query, older []string, damaged func(path string, err error)) Found {
	for _, path := range older {
		f := &finder{query: query, subjects: make(map[subjectKey]*Subject)}
		if err := f.read(path, query.Text, query.Text+googleSuffix); err != nil {
			damaged(path, err)
		}
		if found := f.found(); len(found.Subjects) > 0 {
			return found
		}
	}
	return Found{}
}

// read searches the records of one snapshot that contain one of the texts, or all records if there
// are none. A damaged snapshot contributes nothing.
func (f *finder) read(path string, texts ...inventory.Untrusted) error {
	reader, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer reader.Close()
	records := reader.Records()
	if len(texts) > 0 {
		records = reader.Mentioning(texts...)
	}
	own := &finder{query: f.query, subjects: make(map[subjectKey]*Subject), names: f.names}
	for record, err := range records {
		if err != nil {
			return err
		}
		own.see(record)
	}
	for key, subject := range own.subjects {
		if known := f.subjects[key]; known == nil {
			f.subjects[key] = subject
		} else {
			known.add(subject)
		}
	}
	return nil
}

func (f *finder) see(record snapshot.Record) {
	switch {
	case record.Item != nil:
		f.put(record.Item.App.ID, record.Item.App.Name, record.Item.Holder.Account, record.Item.Holder.User,
			repositoryOf(record.Item))
		for _, subject := range f.query.subjectsOf(record.Item) {
			subject.Items = 1
			f.add(subject)
		}
	case record.Account != nil:
		f.put(record.Account.Login, record.Account.Name)
		for _, subject := range f.query.subjectsOfAccount(record.Account) {
			f.add(subject)
		}
	case record.Coverage != nil:
		for _, subject := range f.query.subjectsOfSource(record.Coverage.Source) {
			f.add(subject)
		}
	}
}

func (f *finder) put(names ...inventory.Untrusted) {
	for _, name := range names {
		if name != "" && f.names != nil && len(f.names) < maxNames {
			f.names[name] = true
		}
	}
}

func (f *finder) add(subject Subject) {
	key := subject.key()
	if known := f.subjects[key]; known != nil {
		known.add(&subject)
	} else if len(f.subjects) < maxSubjects {
		f.subjects[key] = &subject
	}
}

func (s *Subject) add(other *Subject) {
	s.Items += other.Items
	s.exact = s.exact || other.exact
	s.Name = cmp.Or(s.Name, other.Name)
	for _, spelling := range other.spells {
		if !slices.Contains(s.spells, spelling) {
			s.spells = append(s.spells, spelling)
		}
	}
}

// found ranks what was meant: a subject whose own ID is the query comes before one that only has it
// as a name.
func (f *finder) found() Found {
	var found Found
	exact := false
	for _, subject := range f.subjects {
		exact = exact || subject.exact
	}
	for _, subject := range f.subjects {
		if subject.exact || !exact {
			found.Subjects = append(found.Subjects, *subject)
		}
	}
	slices.SortFunc(found.Subjects, func(a, b Subject) int {
		return cmp.Or(slices.Index(Topics(), a.Topic)-slices.Index(Topics(), b.Topic), b.Items-a.Items,
			cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.Within, b.Within))
	})
	if len(found.Subjects) == 0 {
		found.Near = near(f.query.Text, f.names)
	}
	return found
}

// near returns the names that were probably meant: the one that differs by a letter or two, and
// those that contain the word.
func near(text inventory.Untrusted, names map[inventory.Untrusted]bool) []inventory.Untrusted {
	word := strings.ToLower(string(text))
	spelled := make(map[string]inventory.Untrusted, len(names)) // by lower case
	var known []string
	var holding []inventory.Untrusted
	for name := range names {
		lower := strings.ToLower(string(name))
		spelled[lower] = name
		if known = append(known, lower); len(word) >= 3 && strings.Contains(lower, word) {
			holding = append(holding, name)
		}
	}
	slices.Sort(known) // so that the same names are suggested every time
	slices.SortFunc(holding, func(a, b inventory.Untrusted) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
	if like := strict.Nearest(word, known); like != "" && !slices.Contains(holding, spelled[like]) {
		holding = append([]inventory.Untrusted{spelled[like]}, holding...)
	}
	return holding[:min(len(holding), maxNear)]
}

// Offer calls offer with every ID and name that a word can be completed to, and what it is, until
// offer returns false.
func Offer(path string, offer func(word, about inventory.Untrusted) bool) error {
	reader, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer reader.Close()
	for record, err := range reader.Records() {
		if err != nil {
			return err
		}
		var more bool
		switch {
		case record.Item != nil && record.Item.App.ID != "":
			more = offer(record.Item.App.ID, record.Item.App.Name)
		case record.Account != nil && record.Account.Login != "":
			more = offer(record.Account.Login, record.Account.Name)
		default:
			more = true
		}
		if !more {
			return nil
		}
	}
	return nil
}

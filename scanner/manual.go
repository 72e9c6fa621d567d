package scanner

// Manual is the page of "guestlist help PROVIDER".
type Manual struct {
	// Text consists of paragraphs. A paragraph that begins with a space is kept as it is; "{NAME}"
	// is replaced by the list of that name.
	Text string
	// Lists come from the provider's own tables, so that they cannot differ from what it asks for.
	Lists map[string][]ManualEntry
}

// ManualEntry is one entry of a list: a name, and what there is to know about it, a line each.
type ManualEntry struct {
	Title string
	Lines []string
}

// BlindSpot is something that no API reports to anyone. A provider says so in every scan, and its
// manual lists them.
type BlindSpot struct {
	What string
	Page string // where a person can see it
}

// BlindSpots makes the list {blind spots} of a manual.
func BlindSpots(spots ...BlindSpot) []ManualEntry {
	list := make([]ManualEntry, len(spots))
	for n, spot := range spots {
		list[n] = ManualEntry{spot.What, []string{spot.Page}}
	}
	return list
}

// Variable is an environment variable that changes what guestlist does.
type Variable struct{ Name, About string }

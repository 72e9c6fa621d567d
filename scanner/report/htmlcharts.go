package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// The charts, drawn here as SVG: no library draws four small charts in less than these lines, and
// each would bring a script of its own. Every number of a chart is text as well.

const (
	rankedApps = 8   // of each ranking
	barUnits   = 100 // how long the longest bar is
	trendWide  = 600 // units of the drawing
	trendHigh  = 120
	trendEdge  = 8
)

// matrix counts open entries by source and urgency; if there are none, all entries. A number links
// to the entries that it counts.
func (p *page) matrix() {
	counts := make(map[string]map[inventory.Level]int)
	total := make(map[inventory.Level]int)
	show := "open"
	if p.open == 0 {
		show = "all"
	}
	for _, e := range p.entries {
		if p.open > 0 && !e.Open {
			continue
		}
		level := inventory.Level(levelName(e.Urgency))
		source := sourceWord(e)
		if counts[source] == nil {
			counts[source] = make(map[inventory.Level]int)
		}
		counts[source][level]++
		total[level]++
	}
	sources := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(sum(counts[b])-sum(counts[a]), cmp.Compare(a, b))
	})
	if len(sources) == 0 {
		p.raw(`<p class="hint">Nothing to count.</p>`)
		return
	}
	levels := levelsOf(total)
	p.raw(`<table class="matrix"><thead><tr><th scope="col">Source</th>`)
	for _, level := range levels {
		p.raw(`<th scope="col">`)
		p.levelWord(level)
		p.raw(`</th>`)
	}
	p.raw(`<th scope="col">All</th></tr></thead><tbody>`)
	longest := sum(counts[sources[0]])
	for _, source := range sources {
		p.matrixRow(source, counts[source], levels, longest, show)
	}
	p.raw(`</tbody></table>`)
}

func (p *page) matrixRow(source string, counts map[inventory.Level]int, levels []inventory.Level, longest int,
	show string) {
	p.raw(`<tr><th scope="row">`)
	p.say(source)
	p.bar(counts, levels, longest)
	p.raw(`</th>`)
	for _, level := range levels {
		p.raw(`<td>`)
		if n := counts[level]; n > 0 {
			p.link(view{{"show", show}, {"source", source}, {"urgency", string(level)}}, thousands(n))
		}
		p.raw(`</td>`)
	}
	p.raw(`<td>`)
	p.link(view{{"show", show}, {"source", source}}, thousands(sum(counts)))
	p.raw(`</td></tr>`)
}

// levelsOf returns the levels with counts, the most urgent first.
func levelsOf(counts map[inventory.Level]int) []inventory.Level {
	var levels []inventory.Level
	for _, level := range append(mostUrgentFirst(), noLevel) {
		if counts[level] > 0 {
			levels = append(levels, level)
		}
	}
	return levels
}

func mostUrgentFirst() []inventory.Level {
	levels := inventory.Levels()
	slices.Reverse(levels)
	return levels
}

func sum[K comparable](counts map[K]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// bar draws counts as one bar with several parts.
func (p *page) bar(counts map[inventory.Level]int, levels []inventory.Level, longest int) {
	p.raw(barBegins)
	at := 0.0
	for _, level := range levels {
		width := float64(counts[level]) * barUnits / float64(longest)
		p.rect(levelName(level), at, width)
		at += width
	}
	p.raw(`</svg>`)
}

// barBegins is the start of a bar's drawing. The numbers are next to it as text.
const barBegins trusted = `<svg class="bar" aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none">`

// rect draws a part of a bar.
func (p *page) rect(class trusted, x, width float64) {
	if width > 0 {
		p.raw(`<rect class="`, class, `" x="`, number(x), `" y="0" width="`, number(width), `" height="4"/>`)
	}
}

func number(value float64) trusted { return trusted(strconv.FormatFloat(value, 'f', 2, 64)) }

// meter draws how many sources were read.
func (p *page) meter(sources SourceCounts) {
	p.raw(`<div class="meter">`, barBegins)
	at := 0.0
	for _, part := range []struct {
		class trusted
		count int
	}{{"whole", sources.Complete}, {"part", sources.Partial}, {"unread", sources.NotObservable}} {
		width := float64(part.count) * barUnits / float64(sources.Total)
		p.rect(part.class, at, width)
		at += width
	}
	p.raw(`</svg></div>`)
}

// rankings list the most widespread and the most powerful apps.
func (p *page) rankings() {
	apps := slices.DeleteFunc(slices.Clone(p.entries), func(e *Entry) bool {
		return e.About != diff.AboutApp || e.HolderCount == 0 || e.Rule().Info().Absent || e.isGone()
	})
	if len(apps) == 0 {
		p.raw(`<p class="hint">No app was seen.</p>`)
		return
	}
	slices.SortStableFunc(apps, func(a, b *Entry) int { return b.HolderCount - a.HolderCount })
	most := apps[0].HolderCount
	p.ranking("widespread", "Most widespread", apps, func(e *Entry) {
		p.raw(`<span class="note">`)
		p.say(where(e))
		p.raw(`</span>`, barBegins)
		p.rect("count", 0, float64(e.HolderCount)*barUnits/float64(most))
		p.raw(`</svg>`)
	})
	slices.SortStableFunc(apps, func(a, b *Entry) int {
		return cmp.Or(boolOrder(a.Tier != "", b.Tier != ""), b.Tier.Compare(a.Tier), len(b.Reach)-len(a.Reach))
	})
	p.ranking("powerful", "Most powerful", apps, func(e *Entry) {
		p.levelWord(e.Tier)
		p.raw(`<span class="note reach">`)
		p.say(reachWords(e))
		p.raw(`</span>`)
	})
}

// isGone reports whether the entry is about something that no longer exists anywhere.
func (e *Entry) isGone() bool {
	isRemoved := func(f *diff.Finding) bool { return f.Rule == diff.Removed && f.ID == e.AsIn }
	wasRemoved := func(c *diff.Change) bool { return c.Kind == diff.ChangeRemoved && (c.Everywhere || c.ID == e.AsIn) }
	return slices.ContainsFunc(e.Findings, isRemoved) || slices.ContainsFunc(e.Changes, wasRemoved)
}

func (p *page) ranking(id trusted, heading string, apps []*Entry, each func(*Entry)) {
	p.raw(`<section aria-labelledby="`, id, `"><h3 id="`, id, `">`)
	p.say(heading)
	p.raw(`</h3><ol class="plain ranking">`)
	for _, e := range apps[:min(rankedApps, len(apps))] {
		p.raw(`<li>`)
		p.link(view{{"show", "all"}, {"entry", e.ID}}, e.Title.String())
		each(e)
		p.raw(`</li>`)
	}
	p.raw(`</ol></section>`)
}

// trend draws how many apps the scans saw, if there are at least two.
func (p *page) trend() {
	points := append(slices.Clone(p.r.Trend), TrendPoint{
		Started: p.r.Started, Apps: p.r.Summary.Apps, Items: p.r.Summary.Items,
		Partial: p.r.Summary.Sources.Complete < p.r.Summary.Sources.Total,
	})
	if len(points) < 2 {
		return
	}
	slices.SortStableFunc(points, func(a, b TrendPoint) int { return a.Started.Compare(b.Started) })
	first, last := points[0], points[len(points)-1]
	most := slices.MaxFunc(points, func(a, b TrendPoint) int { return a.Apps - b.Apps }).Apps
	p.raw(`<section class="trend" aria-labelledby="trend"><h3 id="trend">Apps over time</h3><svg role="img" aria-labelledby="trend-words" viewBox="0 0 600 120">`)
	p.raw(`<path class="line" d="`)
	for n, point := range points {
		letter := trusted("L")
		if n == 0 {
			letter = "M"
		}
		x, y := position(point, first, last, most)
		p.raw(letter, number(x), " ", number(y))
	}
	p.raw(`"/>`)
	for _, point := range points {
		x, y := position(point, first, last, most)
		class := trusted("whole")
		if point.Partial {
			class = "part"
		}
		p.raw(`<circle class="`, class, `" cx="`, number(x), `" cy="`, number(y), `" r="4"/>`)
	}
	p.raw(`</svg><p class="note" id="trend-words">`)
	p.say(fmt.Sprintf("From %s on %s to %s on %s, in %s; at most %s.", plural(first.Apps, "app"),
		dateOf(first.Started), thousands(last.Apps),
		dateOf(last.Started), plural(len(points), "scan"), thousands(most)))
	if slices.ContainsFunc(points, func(point TrendPoint) bool { return point.Partial }) {
		p.say(" A hollow point is a scan that could not read everything.")
	}
	p.raw(`</p></section>`)
}

// position is where a point of the trend is drawn.
func position(point, first, last TrendPoint, most int) (x, y float64) {
	span := max(last.Started.Sub(first.Started).Seconds(), 1)
	x = trendEdge + point.Started.Sub(first.Started).Seconds()/span*(trendWide-2*trendEdge)
	y = trendHigh - trendEdge - float64(point.Apps)/float64(max(most, 1))*(trendHigh-2*trendEdge)
	return x, y
}

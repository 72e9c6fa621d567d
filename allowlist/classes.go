package allowlist

import (
	"slices"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// jewelLevel is what a host that is a crown jewel is worth at least.
const jewelLevel = inventory.High

// jewelReason is why a crown jewel has its level.
const jewelReason = "one of the policy's crown_jewels"

// crownJewels reads the hosts whose pages open everything else.
func (p *parser) crownJewels(t *strict.Table, list *List) {
	hosts, _ := t.List("crown_jewels")
	for n, host := range hosts {
		line := t.LineOf("crown_jewels", n)
		p.checkHost(line, host)
		jewel := risk.Class{Host: host, Level: jewelLevel, AtLeast: true, Reason: jewelReason}
		list.classes = append(list.classes, p.class(line, jewel))
	}
	list.Policy.CrownJewels = hosts
}

// ownClass is an organization's own class, and where it stands.
type ownClass struct {
	risk.Class
	at Position
}

func (p *parser) class(line int, c risk.Class) ownClass {
	at := Position{File: p.Name, Line: line}
	c.At = inventory.Untrusted(at.String())
	return ownClass{c, at}
}

func (p *parser) checkHost(line int, host inventory.Untrusted) {
	if _, err := access.Parse("*://" + host + "/*"); err != nil || strings.ContainsAny(string(host), "/:") {
		p.Report(line, `write a host, such as "ci.acme.example" or "*.acme.example"`, "%q is not a host", host)
	}
}

// classes reads a [[risk]]: an organization's own level for permissions or for hosts.
func (p *parser) classes(t *strict.Table) []ownClass {
	t.CheckKeys("risk")
	level := inventory.Level(t.Text("level"))
	if !t.Has("level") {
		p.Report(t.Own(), `such as level = "high"`, "[[risk]] has no level")
	} else if level != "" && !slices.Contains(inventory.Levels(), level) {
		p.Report(t.Line("level"), p.SuggestOrList(string(level), strict.NamesOf(inventory.Levels())), "level %q is not known",
			inventory.Untrusted(level))
	}
	reason := t.Text("reason")
	if !t.Has("reason") {
		p.Report(t.Own(), "say why, for the next reviewer", "[[risk]] has no reason")
	}
	if t.Has("permission") == t.Has("host") {
		p.Report(t.Own(), `such as permission = "debugger" or host = "*.payroll.example"`,
			"[[risk]] must name either a permission or a host")
	}
	var classes []ownClass
	add := func(key string, n int, c risk.Class) {
		line := t.Line(key)
		if t.IsList(key) {
			line = t.LineOf(key, n)
		}
		if key == "host" {
			p.checkHost(line, c.Host)
		} else if isAll := strings.Trim(string(c.Permission), "*") == ""; isAll && c.Permission != "" {
			p.Report(line, "name a permission, or the beginning of several", "%q means everything, so nothing would differ", c.Permission)
		}
		c.Level, c.Reason = level, reason
		classes = append(classes, p.class(line, c))
	}
	for n, name := range t.Texts("permission") {
		add("permission", n, risk.Class{Permission: name})
	}
	for n, host := range t.Texts("host") {
		add("host", n, risk.Class{Host: host})
	}
	for _, key := range []string{"permission", "host"} {
		if t.IsList(key) && len(t.Values[key].([]any)) == 0 {
			p.Report(t.Line(key), "name one, or remove it", "%s is an empty list", key)
		}
	}
	return classes
}

// classify prepares the classes for package risk.
func (l *List) classify() {
	if len(l.classes) == 0 {
		return
	}
	classes := make([]risk.Class, len(l.classes))
	for n := range l.classes {
		classes[n] = l.classes[n].Class
	}
	l.own = risk.NewOwn(classes)
}

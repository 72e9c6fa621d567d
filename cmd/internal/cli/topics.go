package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwarp"

	"guestlist/scanner/diff"
)

// topic is a page of help that belongs to no command: "guestlist help NAME".
type topic struct {
	name, about string
	page        func(width int) string
}

var topics = []topic{
	{"rules", "the rules that findings follow, with what to do about them", rulesPage},
}

// writeTopic writes the page of a topic, and reports whether there is one of that name.
func (env *Env) writeTopic(w io.Writer, args []string) (found bool, err error) {
	for _, topic := range topics {
		if len(args) == 1 && topic.name == args[0] {
			_, err := io.WriteString(w, topic.page(min(env.Width, maxHelpWidth)))
			return true, err
		}
	}
	return false, nil
}

func topicLines() string {
	var lines strings.Builder
	for _, topic := range topics {
		fmt.Fprintf(&lines, "  %-8s %s\n", topic.name, topic.about)
	}
	return lines.String()
}

// rulesPage lists all rules, with the severities that their findings may have.
func rulesPage(width int) string {
	const indent = "  "
	var page strings.Builder
	for n := range diff.Rules {
		rule := &diff.Rules[n]
		severities := string(rule.Least)
		if rule.Most != rule.Least {
			severities += " to " + string(rule.Most)
		}
		text := strings.ToUpper(rule.Summary[:1]) + rule.Summary[1:] + ". " + rule.Help
		lines, _ := twwarp.WrapString(text, width-len(indent))
		fmt.Fprintf(&page, "%s (%s)\n%s%s\n", rule.Rule, severities, indent, strings.Join(lines, "\n"+indent))
	}
	return page.String()
}

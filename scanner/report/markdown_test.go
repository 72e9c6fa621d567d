package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// referring is what GitHub makes a link of in text that is no code, beyond what its Markdown says:
// a mention, an issue, a commit, an emoji.
var referring = regexp.MustCompile(`@[A-Za-z0-9]|#[0-9]|(?i:\bgh-[0-9])|\b[0-9a-f]{7,}\b|:[a-z0-9_+-]+:|https?://|www\.|[<>&]`)

// isMarkdownThatLinksNothing: read as GitHub reads it, there is no HTML, no link, and no text that
// GitHub would make one of; every row of the table has its seven cells.
func isMarkdownThatLinksNothing(t *testing.T, out string) {
	t.Helper()
	source := []byte(out)
	if len(source) > MaxMarkdownBytes {
		t.Errorf("%d bytes, and GitHub takes no comment of that size", len(source))
	}
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image, *ast.RawHTML, *ast.HTMLBlock, *ast.Blockquote, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.Emphasis:
			t.Errorf("there is a %s in:\n%.500s", node.Kind(), out)
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if found := referring.Find(node.Segment.Value(source)); found != nil {
				t.Errorf("%q is text that GitHub makes a link of, in %q", found, node.Segment.Value(source))
			}
		case *extensionast.TableRow:
			if node.ChildCount() != 7 {
				t.Errorf("a row has %d cells", node.ChildCount())
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheCommentIsReadAsItIsMeant(t *testing.T) {
	t.Parallel()
	var html bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(rendered(t, markdownFormat, few())),
		&html); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<h3>guestlist: ", "<h4>Changed since 16 Nov, 7 days</h4>", "<li><code>Deployer</code>: new in acme</li>",
		"<th>urgency</th>",
		"<td>+</td>\n<td>medium</td>\n<td><code>Deployer</code></td>\n<td>app</td>\n<td><code>acme</code></td>\n<td>not approved</td>",
		"<td>~</td>\n<td>critical</td>\n<td><code>Page Clipper</code></td>",
		"<li><code>ada/chromium/Default/x</code>: denied</li>",
	} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("lacks %q:\n%s", want, html.String())
		}
	}
}

func TestACommentOfManyEntriesIsCutAndSaysHowManyMore(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 300, 5_000} {
		judgement := &diff.Judgement{}
		for n := range size {
			f := ofApp(diff.Unapproved, inventory.High, inventory.Textf("%06d", n), 1)
			f.App.Name = inventory.Untrusted(strings.Repeat("long|`", 60))
			judgement.Findings = append(judgement.Findings, f)
			judgement.Coverage = append(judgement.Coverage, inventory.Coverage{
				Source: inventory.Source{Provider: inventory.Chromium, Name: f.App.Name}, Reason: f.App.Name, Status: inventory.StatusPartial,
			})
		}
		r := New(judgement, Meta{Allowlist: &AllowlistRef{Path: "allowlist.toml"}})
		out := rendered(t, markdownFormat, r)
		isMarkdownThatLinksNothing(t, out)
		rows := strings.Count(out, "| high |")
		if left := size - rows; left > 0 && !strings.Contains(out, fmt.Sprintf("\nand %s more\n", thousands(left))) {
			t.Errorf("of %d entries %d are listed, and that is not said", size, rows)
		}
		if size > 0 && size <= 20 && rows != size {
			t.Errorf("%d of %d entries are listed", rows, size)
		}
		if len(out) < min(size*300, MaxMarkdownBytes*2/3) {
			t.Errorf("%d entries: only %d bytes are used", size, len(out))
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, text := range hostileNames {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := inventory.Untrusted(text)
		isMarkdownThatLinksNothing(t, fmt.Sprintf("### guestlist: %s\n\n- %s: %s\n\n| | a | b | c | d | e | f |\n|---|---|---|---|---|---|---|\n| %s | %s | a | b | c | d | e |\n",
			MarkdownText(name), MarkdownCode(name.String()), MarkdownText(name), MarkdownCode(name.String()), MarkdownText(name)))
	})
}

package realbrowser_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/testkit"
)

// The card that is posted to Microsoft Teams, as Microsoft's own library for Adaptive Cards shows
// it: nothing in it is wrong, every text is there as it is, and what is foreign does nothing.
func TestACardForTeamsInChromium(t *testing.T) {
	library := testkit.ReadPackageFile(t, "adaptivecards", "dist/adaptivecards.min.js")
	binary, home := realbrowser.RequireChromium(t, os.Getenv), t.TempDir()
	browser, err := realbrowser.StartChromium(t.Context(), realbrowser.ChromiumOptions{
		Binary: binary, Home: home, UserDataDir: filepath.Join(home, "data"), Profile: "Default", Root: os.Geteuid() == 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Kill)
	web, err := browser.NewPage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, web, "<!doctype html><title>card</title><link rel=icon href=data:,><body>")
	p.open("")
	for begin := 0; begin < len(hostileNames); begin += 8 { // so many fit into one card
		names := hostileNames[begin:min(begin+8, len(hostileNames))]
		var shown struct {
			Problems, Lines []string
			Links, Others   int
			Hit             bool
		}
		card := cardOf(t, names)
		p.must(p.Run(t.Context(), library+`;
			const {AdaptiveCard, SerializationContext} = window.AdaptiveCards ?? AdaptiveCards;
			const card = new AdaptiveCard(), context = new SerializationContext();
			card.parse(JSON.parse(arguments[0]), context);
			const problems = card.validateProperties().validationEvents.map(each => each.message);
			for (let n = 0; n < context.eventCount; n++) problems.push(context.getEventAt(n).message);
			document.body.replaceChildren(card.render());
			await new Promise(done => setTimeout(done));
			return {Problems: problems, Hit: "hit" in window,
				Lines: [...document.querySelectorAll(".ac-richTextBlock")].map(each => each.textContent),
				Links: document.querySelectorAll("a").length,
				Others: document.querySelectorAll("script, img, iframe, svg, math, b, i, em, strong, li").length};`, &shown, string(card)))
		if len(shown.Problems) > 0 || shown.Links+shown.Others > 0 || shown.Hit {
			t.Errorf("%q: problems %q, %d links, %d other elements, acted: %v", names, shown.Problems, shown.Links, shown.Others, shown.Hit)
		}
		if difference := cmp.Diff(linesOf(t, card), shown.Lines); difference != "" {
			t.Errorf("what the card holds and what is seen (-holds +seen):\n%s", difference)
		}
	}
	p.picture("card")
	p.hasNoComplaint()
}

// cardOf is the card of a digest with these names.
func cardOf(t *testing.T, names []inventory.Untrusted) json.RawMessage {
	t.Helper()
	i := slices.IndexFunc(notify.Kinds, func(kind *notify.Kind) bool { return kind.Name == "teams" })
	channel, err := notify.Kinds[i].New(notify.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	d := &notify.Digest{Occasion: notify.News, Verdict: names[:1], Urgency: inventory.Critical, Finished: pageTime}
	for _, name := range names {
		d.Act = append(d.Act, notify.Line{Urgency: inventory.Critical, Sign: "+", Title: name, Kind: "extension", Where: name,
			Why: "not approved", Remedy: name})
	}
	payloads, err := channel.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Attachments []struct{ Content json.RawMessage }
	}
	if err := json.Unmarshal(payloads[0].Body, &message); err != nil {
		t.Fatal(err)
	}
	return message.Attachments[0].Content
}

// linesOf are the texts of a card, block by block.
func linesOf(t *testing.T, card json.RawMessage) []string {
	t.Helper()
	var content struct {
		Body []struct {
			Inlines []struct{ Text string }
		}
	}
	if err := json.Unmarshal(card, &content); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range content.Body {
		var line strings.Builder
		for _, run := range block.Inlines {
			line.WriteString(run.Text)
		}
		lines = append(lines, line.String())
	}
	return lines
}

package report

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/inventory"
)

func listed(items []inventory.Item, fault error) iter.Seq2[*inventory.Item, error] {
	return func(yield func(*inventory.Item, error) bool) {
		for n := range items {
			if !yield(&items[n], nil) {
				return
			}
		}
		if fault != nil {
			yield(nil, fault)
		}
	}
}

func TestTheInventoryIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	items := make([]inventory.Item, 2)
	for n, name := range []inventory.Untrusted{"Ledger\x1b[2J", "legacy.example"} {
		items[n] = inventory.Item{
			Source: inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"},
			Kind:   inventory.KindOAuthGrant,
			App:    inventory.App{ID: "legacy.example", Name: name}, Holder: inventory.Holder{Account: "it@acme.example"},
		}
		items[n].Mark(inventory.MarkNote, inventory.MarkAnonymous, "")
		items[n].Normalize()
	}
	r := organizations()
	r.Inventory = listed(items, nil)
	var out bytes.Buffer
	if err := (JSON{}).Render(&out, r); err != nil {
		t.Fatal(err)
	}
	var read document
	if err := json.Unmarshal(out.Bytes(), &read, json.DefaultOptionsV2()); err != nil || len(read.Items) != 2 ||
		read.Items[0].App.Name != items[0].App.Name {
		t.Errorf("%v: %d items", err, len(read.Items))
	}
	r.Inventory = nil
	out.Reset()
	if err := (JSON{}).Render(&out, r); err != nil || strings.Contains(out.String(), `"items": [`) {
		t.Errorf("%v: an inventory that nobody asked for is written", err)
	}
	r.Inventory = listed(items, nil)
	out.Reset()
	if err := (Screen{Terminal: true, Width: 80, Height: 23}).Render(&out, r); err != nil ||
		!strings.Contains(out.String(), "\nlegacy.example\n  oauth-grant, unknown, it@acme.example, anonymous\n") {
		t.Errorf("%v: %s", err, out.String()[max(0, out.Len()-400):])
	}
}

func TestAnInventoryThatCannotBeReadFailsTheReport(t *testing.T) {
	t.Parallel()
	r := organizations()
	r.Inventory = listed(nil, errors.New("the file was altered"))
	for name, renderer := range map[string]Renderer{"table": Screen{}, "tsv": TSV{},
		"terminal": Screen{Terminal: true}, "json": JSON{}, "jsonl": JSONLines{}} {
		if err := renderer.Render(&bytes.Buffer{}, r); err == nil || !strings.Contains(err.Error(), "the file was altered") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestAWriteThatFailsFailsTheReport(t *testing.T) {
	t.Parallel()
	for name, renderer := range everyWay() {
		if err := renderer.Render(broken{}, organizations()); err == nil || !strings.Contains(err.Error(), "no room") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package notify

import (
	_ "embed"
	"encoding/json"
	"time"

	"guestlist/scanner/inventory"
)

// schemaVersion is that of the digest as JSON. A minor step only adds properties and values.
const schemaVersion = "1.0"

//go:embed digest.schema.json
var schemaFile []byte

// Schema is the JSON Schema of a digest, as webhooks, commands and files get it.
func Schema() []byte { return schemaFile }

// document is a digest as JSON.
type document struct {
	SchemaVersion string `json:"schema_version"`
	// ID is the message's, in a file that messages are appended to. A webhook has it in its header, a
	// command in its environment.
	ID       string                  `json:"id,omitempty"`
	Key      string                  `json:"key"`
	Occasion Occasion                `json:"occasion"`
	Tool     documentTool            `json:"tool"`
	RunID    inventory.Untrusted     `json:"run_id"`
	Host     inventory.Untrusted     `json:"host"`
	Finished time.Time               `json:"finished"`
	Verdict  []inventory.Untrusted   `json:"verdict"`
	Since    inventory.Untrusted     `json:"since,omitempty"`
	Urgency  inventory.Level         `json:"urgency,omitempty"`
	Clean    bool                    `json:"clean"`
	Open     map[inventory.Level]int `json:"open"`
	Act      []documentLine          `json:"act"`
	Unread   []documentLine          `json:"unread"`
	Changes  []documentLine          `json:"changes"`
	Gone     []documentLine          `json:"gone"`
	Still    []documentLine          `json:"still"`
	// LeftOut counts, by list, the lines for which there was no room.
	LeftOut map[string]int      `json:"left_out"`
	Contact inventory.Untrusted `json:"contact,omitempty"`
	Command inventory.Untrusted `json:"command,omitempty"`
}

type documentTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// documentLine is a [Line] as JSON.
type documentLine struct {
	ID       string              `json:"id"`
	Urgency  inventory.Level     `json:"urgency"`
	Provider inventory.Provider  `json:"provider"`
	Sign     string              `json:"sign,omitempty"`
	Title    inventory.Untrusted `json:"title"`
	Kind     inventory.Untrusted `json:"kind,omitempty"`
	Where    inventory.Untrusted `json:"where,omitempty"`
	Why      inventory.Untrusted `json:"why,omitempty"`
	Change   inventory.Untrusted `json:"change,omitempty"`
	Remedy   inventory.Untrusted `json:"remedy,omitempty"`
}

// asJSON is a digest as one line of JSON of at most limit bytes.
func asJSON(d *Digest, limit int) ([]byte, error) {
	doc := emptyDocument(d)
	head, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	parts := d.parts()
	room := limit - len(head)
	for i, p := range parts {
		room -= spareBytes
		keep := 0
		if i < len(parts)-1 {
			keep = room / 4 // for those after it
		}
		list := doc.list(p.name)
		for n := range p.lines {
			line := documentLineOf(&p.lines[n])
			text, err := json.Marshal(line)
			if err != nil {
				return nil, err
			}
			if room-len(text)-1 < keep {
				doc.LeftOut[p.name] = len(p.lines) - n
				break
			}
			room -= len(text) + 1
			*list = append(*list, line)
		}
	}
	return json.Marshal(doc)
}

// emptyDocument is a digest without its lines.
func emptyDocument(d *Digest) *document {
	doc := &document{
		SchemaVersion: schemaVersion, Key: d.Key, Occasion: d.Occasion,
		Tool:  documentTool{d.Tool.Name, d.Tool.Version},
		RunID: d.RunID, Host: d.Host, Finished: d.Finished.UTC(), Verdict: append([]inventory.Untrusted{}, d.Verdict...),
		Since: d.Since, Urgency: d.Urgency, Clean: d.Clean, Open: map[inventory.Level]int{},
		LeftOut: map[string]int{}, Contact: d.Contact, Command: d.Command,
		Act: []documentLine{}, Unread: []documentLine{}, Changes: []documentLine{}, Gone: []documentLine{},
		Still: []documentLine{},
	}
	for level, n := range d.Open {
		doc.Open[level] = n
	}
	return doc
}

// list is the list of a part.
func (doc *document) list(name string) *[]documentLine {
	return map[string]*[]documentLine{"act": &doc.Act, "unread": &doc.Unread, "changes": &doc.Changes, "gone": &doc.Gone,
		"still": &doc.Still}[name]
}

func documentLineOf(l *Line) documentLine {
	return documentLine{ID: l.ID, Urgency: l.Urgency, Provider: l.Provider, Sign: l.Sign, Title: l.Title, Kind: l.Kind,
		Where: l.Where, Why: l.Why, Change: l.Change, Remedy: l.Remedy}
}

package receiver

import (
	"bytes"
	_ "embed"
	"net/http"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// teamsBytes is the most that a message may weigh. Microsoft documents 28 KB and counts it in a
// form of its own: some see their messages refused from 21 KB on.
const teamsBytes = 21_000

// cardSchema is what the published schema of Adaptive Cards 1.4 says of the elements that messages
// of ours may use.
//
//go:embed adaptive-card.schema.json
var cardSchema []byte

// Teams is a workflow of Microsoft Teams that posts what a webhook receives.
func Teams() Service {
	schema, schemaErr := compileCardSchema()
	return Service{
		Name: "teams",
		URL: "https://default00000000000000000000000000.00.environment.api.powerplatform.com:443/powerautomate/automations/direct/" +
			"workflows/placeholder0workflow0/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=placeholder0of0the0signature",
		Rate: Rate{4, time.Second},
		Lie: &Answer{Status: http.StatusOK,
			Body: "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId placeholder"},
		Answer: func(r *Request) Answer {
			if schemaErr != nil {
				return refusal(http.StatusInternalServerError, schemaErr.Error())
			}
			var m teamsPost
			if err := strictly(r, &m); err != nil || !isPost(r) {
				return refusal(http.StatusBadRequest, `{"error":{"code":"InvalidRequestContent"}}`)
			}
			if broken := m.check(schema, len(r.Body)); len(broken) > 0 {
				return refusal(http.StatusBadRequest, strings.Join(broken, "; "))
			}
			return Answer{Status: http.StatusAccepted, Taken: true}
		},
	}
}

type teamsPost struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string  `json:"contentType"`
	ContentURL  *string `json:"contentUrl"`
	Content     any     `json:"content"`
}

func (m *teamsPost) check(schema *jsonschema.Schema, size int) limits {
	var broken limits
	broken.most("bytes", size, teamsBytes)
	broken.must(m.Type == "message", "the type must be message")
	broken.must(len(m.Attachments) == 1, "one card must be attached")
	for _, attached := range m.Attachments {
		broken.must(attached.ContentType == "application/vnd.microsoft.card.adaptive", "not an Adaptive Card")
		if err := schema.Validate(attached.Content); err != nil {
			broken = append(broken, err.Error())
		}
	}
	return broken
}

func compileCardSchema() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(cardSchema))
	if err != nil {
		return nil, err
	}
	const address = "https://schema.invalid/adaptive-card.schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(address, document); err != nil {
		return nil, err
	}
	return compiler.Compile(address)
}

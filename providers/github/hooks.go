package github

import (
	"context"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// hook is one webhook. The secret in its configuration, masked as GitHub sends it, is not read.
type hook struct {
	ID     number `json:"id"`
	Active answer `json:"active"`
	Events texts  `json:"events"`
	Config struct {
		URL         text   `json:"url"`
		InsecureSSL answer `json:"insecure_ssl"`
		ContentType text   `json:"content_type"`
	} `json:"config"`
	Created  moment `json:"created_at"`
	Updated  moment `json:"updated_at"`
	Response struct {
		Code text `json:"code"`
	} `json:"last_response"`
}

// Marks of webhooks, beside inventory's.
const (
	// MarkPlainHTTP: what the hook sends travels unencrypted.
	MarkPlainHTTP inventory.MarkName = "plain-http"
	// MarkUnverifiedTLS: GitHub does not verify the receiver's certificate.
	MarkUnverifiedTLS inventory.MarkName = "unverified-tls"
)

// hooks reads the organization's webhooks. Its error ends the scan.
func (o *organizationScan) hooks(ctx context.Context) error {
	return o.read(ctx, &specHooks, list{}, func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return each(entries, faults, func(h *hook) error {
			item, err := o.hookItem(h, o.source(&specHooks))
			if err != nil {
				return err
			}
			item.App.URL = inventory.Untrusted(o.provider.host.web + "organizations/" + o.login + "/settings/hooks/" + formatID(h.ID))
			return o.addItem(item)
		})
	})
}

// hookItem makes the item of a webhook. Of its address only the host is kept: the rest often is a secret.
func (o *organizationScan) hookItem(h *hook, source inventory.Source) (*inventory.Item, error) {
	if h.ID == 0 {
		return nil, &entryError{"a webhook came without its ID"}
	}
	target, err := url.Parse(strings.TrimSpace(string(h.Config.URL)))
	if err != nil || target.Hostname() == "" {
		// Neither the address nor the parser's error is quoted: both hold the whole.
		return nil, &entryError{"webhook " + formatID(h.ID) + " has an address that is not a URL"}
	}
	host := strings.ToLower(target.Hostname())
	item := &inventory.Item{
		Source: source, Kind: inventory.KindWebhook, State: inventory.StateEnabled,
		App:      inventory.App{ID: inventory.Untrusted(host), Name: inventory.Untrusted(host)},
		Instance: inventory.Untrusted(formatID(h.ID)), Holder: inventory.Holder{Organization: inventory.Untrusted(o.login)},
		// What a webhook may do is to receive these events.
		Access: inventory.Access{Permissions: untrusted(h.Events), Basis: inventory.BasisActive},
		Added:  h.Created.Time, Updated: h.Updated.Time,
		Facts: facts("host", host, "hook_id", formatID(h.ID), "content_type", string(h.Config.ContentType),
			"last_response", string(h.Response.Code), "events", joined(h.Events)),
	}
	switch {
	case h.Active.is(false):
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"switched off in its settings"}
	case h.Active.value == nil:
		item.State = inventory.StateUnknown
	}
	if strings.EqualFold(target.Scheme, "http") {
		item.Mark(inventory.MarkNote, MarkPlainHTTP, "what it sends travels unencrypted")
	}
	if h.Config.InsecureSSL.is(true) {
		item.Mark(inventory.MarkNote, MarkUnverifiedTLS, "GitHub does not verify the receiver's certificate")
	}
	return item, nil
}

package github

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

const (
	webHook   = "web"   // the name of a webhook
	emailHook = "email" // the name of one that sends mail
	// unknownHost is used for the host of a webhook whose address has none. No policy can name it.
	unknownHost = "(unknown)"
)

// hook is one webhook. The secret in its configuration, masked as GitHub sends it, is not read.
type hook struct {
	ID     lenient.Number `json:"id"`
	Name   lenient.Text   `json:"name"`
	Active lenient.Answer `json:"active"`
	Events lenient.Texts  `json:"events"`
	Config struct {
		URL         lenient.Text   `json:"url"`
		Address     lenient.Text   `json:"address"` // of one that sends mail
		InsecureSSL lenient.Answer `json:"insecure_ssl"`
		ContentType lenient.Text   `json:"content_type"`
	} `json:"config"`
	Created  lenient.Moment `json:"created_at"`
	Updated  lenient.Moment `json:"updated_at"`
	Response struct {
		Code lenient.Text `json:"code"`
	} `json:"last_response"`
}

// Marks of webhooks, beside inventory's.
const (
	// markPlainHTTP: what the hook sends travels unencrypted.
	markPlainHTTP inventory.MarkName = "plain-http"
	// markUnverifiedTLS: GitHub does not verify the receiver's certificate.
	markUnverifiedTLS inventory.MarkName = "unverified-tls"
)

// hooks reads the organization's webhooks. Its error ends the scan.
func (o *organizationScan) hooks(ctx context.Context) error {
	return o.read(ctx, &specHooks, api.List{}, func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return api.Each(entries, faults, func(h *hook) error {
			item, err := o.hookItem(h, o.source(&specHooks))
			if err != nil {
				return err
			}
			item.App.URL = inventory.Untrusted(o.provider.client.Host.Web + "organizations/" + o.login +
				"/settings/hooks/" + formatID(h.ID))
			return o.addItem(item)
		})
	})
}

// hookItem makes a webhook's item. Only the host of its address is kept: the rest is often a
// secret.
func (o *organizationScan) hookItem(h *hook, source inventory.Source) (*inventory.Item, error) {
	if h.ID == 0 {
		return nil, api.Skip("a webhook came without its ID")
	}
	host, plain := h.target()
	item := &inventory.Item{
		Source: source, Kind: inventory.KindWebhook, State: inventory.StateEnabled,
		App:      inventory.App{ID: inventory.Untrusted(host), Name: inventory.Untrusted(host)},
		Instance: inventory.Untrusted(formatID(h.ID)),
		Holder:   inventory.Holder{Organization: inventory.Untrusted(o.login)},
		// What a webhook may do is to receive these events.
		Access: inventory.Access{Permissions: inventory.All(h.Events.Of), Basis: inventory.BasisActive},
		Added:  h.Created.Time, Updated: h.Updated.Time,
		Facts: facts("host", host, "hook_id", formatID(h.ID), "content_type", string(h.Config.ContentType),
			"last_response", string(h.Response.Code), "events", joined(h.Events.Of)),
	}
	if h.Name != "" && h.Name != webHook {
		setFact(item, "service", string(h.Name))
	}
	if host == "" {
		// Where it sends to is unknown, which is all the more reason to list it.
		item.App.ID = inventory.Untrusted("hook-" + formatID(h.ID))
		item.App.Name = inventory.Untrusted("webhook " + formatID(h.ID) + " with an address that cannot be read")
		setFact(item, "host", unknownHost)
	}
	if !h.Events.Known {
		item.Access.Basis = ""
	}
	switch {
	case h.Active.Is(false):
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"turned off in its settings"}
	case h.Active.Value == nil:
		item.State = inventory.StateUnknown
	}
	if plain {
		item.Mark(inventory.MarkNote, markPlainHTTP, "what it sends travels unencrypted")
	}
	if h.Config.InsecureSSL.Is(true) {
		item.Mark(inventory.MarkNote, markUnverifiedTLS, "GitHub does not verify the receiver's certificate")
	}
	return item, nil
}

// target returns the host that a hook sends to, or "" if its address has none, and whether it sends
// unencrypted. Neither the address nor a parser's error is quoted: both contain the whole address.
func (h *hook) target() (host string, plain bool) {
	address := strings.TrimSpace(string(h.Config.URL))
	if h.Config.Address != "" && (address == "" || h.Name == emailHook) {
		return mailDomains(string(h.Config.Address)), false
	}
	target, err := url.Parse(address)
	if err != nil || !isHost(target.Hostname()) {
		return "", false
	}
	return hostName(target.Hostname()), strings.EqualFold(target.Scheme, "http")
}

// mailDomains returns the domain of one or several addresses; if they differ, a list of the
// domains, which no policy can name as a host.
func mailDomains(addresses string) string {
	var domains []string
	for _, address := range strings.FieldsFunc(addresses,
		func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		_, domain, _ := strings.Cut(strings.Trim(address, "<>"), "@")
		if domain = hostName(domain); !isHost(domain) {
			return ""
		}
		domains = append(domains, domain)
	}
	slices.Sort(domains)
	return strings.Join(slices.Compact(domains), ", ")
}

func hostName(text string) string { return strings.ToLower(strings.TrimSuffix(text, ".")) }

// isHost reports whether text may be the name or address of a host.
func isHost(text string) bool {
	return text != "" && !strings.ContainsFunc(text,
		func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"@,;", r) })
}

package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

var webhookKind = &Kind{
	Name: "webhook", About: "any program that takes JSON over HTTPS, signed as Standard Webhooks 1.0",
	Help: `Each message is POSTed as JSON. With a secret it is signed: the headers webhook-id, webhook-timestamp and ` +
		`webhook-signature are those of Standard Webhooks 1.0, so the libraries of that name verify it. To replace a ` +
		`secret, put the new one in secret and the old one in old_secret until every receiver knows the new one. Any 2xx ` +
		`answer is a receipt; redirects are not followed. The webhook-id of a message stays the same when it is sent ` +
		`again: a receiver that remembers the ids of a few days sees each message once.`,
	Keys: []Key{
		{Name: "url", Type: SecretKey, Required: true, About: "where to send it, https (http to this machine only)",
			Example: `{ env = "WEBHOOK_URL" }`},
		{Name: "secret", Type: SecretKey, About: "the signing secret, whsec_ and at least 24 bytes in base64",
			Example: `{ file = "webhook.secret" }`},
		{Name: "old_secret", Type: SecretKey, About: "the previous signing secret, while it is being replaced",
			Example: `{ file = "webhook.old.secret" }`},
		contentKey("digest", "report"),
	},
	Whole: true,
	Twice: "A message may arrive twice after a crash or a lost answer, with the same webhook-id: the receiver must ignore an id that it knows.",
	New:   newWebhook,
}

// Bounds of signing secrets in bytes, as Standard Webhooks has them.
const (
	minSigningBytes = 24
	maxSigningBytes = 64
)

// webhook sends digests to a program over HTTPS.
type webhook struct {
	settings Settings
	content  content
}

func newWebhook(s Settings) (Channel, error) {
	return &webhook{s, contentNamed(s.Texts["format"], "digest")}, nil
}

// Prepare implements [Channel].
func (w *webhook) Prepare(d *Digest) ([]Payload, error) { return w.content.payload(d) }

// Check implements [Channel].
func (w *webhook) Check(ctx context.Context, _ *Outside) error {
	if _, err := w.keys(ctx); err != nil {
		return err
	}
	return uncheckable(ctx, w.settings)
}

// Deliver implements [Channel].
func (w *webhook) Deliver(ctx context.Context, out *Outside, m *Message) error {
	target, err := w.settings.Secret(ctx, "url")
	if err != nil {
		return err
	}
	keys, err := w.keys(ctx)
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(out.Now().Unix(), 10)
	header := http.Header{}
	header.Set("Content-Type", m.ContentType)
	header.Set("Webhook-Id", m.ID)
	header.Set("Webhook-Timestamp", stamp)
	var signatures []string
	for _, key := range keys {
		signatures = append(signatures, sign(key, m.ID, stamp, m.Body))
	}
	if len(signatures) > 0 {
		header.Set("Webhook-Signature", strings.Join(signatures, " "))
	}
	_, err = out.do(ctx, request{url: target, header: header, body: m.Body})
	return err
}

// sign is the signature of a message: of its id, its time and its body.
func sign(key []byte, id, stamp string, body []byte) string {
	hash := hmac.New(sha256.New, key)
	fmt.Fprintf(hash, "%s.%s.", id, stamp)
	hash.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(hash.Sum(nil))
}

// keys are the signing secrets that are configured, the current one first.
func (w *webhook) keys(ctx context.Context) ([][]byte, error) {
	var keys [][]byte
	for _, name := range []string{"secret", "old_secret"} {
		text, err := w.settings.Secret(ctx, name)
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
		if err != nil || len(key) < minSigningBytes || len(key) > maxSigningBytes {
			return nil, fmt.Errorf("%s must be whsec_ and %d to %d bytes in base64: make one with openssl rand -base64 32",
				name, minSigningBytes, maxSigningBytes)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

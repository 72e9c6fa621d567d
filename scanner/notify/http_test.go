package notify

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

func TestARequestWithoutAnAnswerSaysSoInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, "hooks.acme.example: it did not answer in time"},
		{io.EOF, "hooks.acme.example: it closed the connection"},
		{io.ErrUnexpectedEOF, "hooks.acme.example: it closed the connection"},
	} {
		f := failedRequest("hooks.acme.example", &url.Error{Op: "Post", URL: "https://hooks.acme.example/T0", Err: test.err}, nil, true)
		if f.Error() != test.want || !f.Temporary || !f.Unsure {
			t.Errorf("%+v", f)
		}
	}
}

func TestNoPartOfAnAddressThatMayBeSecretIsInAFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, url, body, secret string }{
		{"the-whole", "https://hooks.acme.example/services/T0/very0secret", "no https://hooks.acme.example/services/T0/very0secret", "very0secret"},
		{"a-part-of-the-path", "https://hooks.acme.example/services/T0/very0secret", "unknown: very0secret", "very0secret"},
		{"a-value", "https://hooks.acme.example/x?key=hunter2", `{"key":"hunter2"}`, "hunter2"},
		{"an-escaped-value", "https://hooks.acme.example/x?sig=a%2Fb%2Bc%3D", "signature a/b+c= is wrong", "a/b+c="},
		{"a-query-without-a-name", "https://hooks.acme.example/x?very0secret", "unknown: very0secret", "very0secret"},
		{"a-password", "https://me:pw@hooks.acme.example/x", "wrong password pw!", "pw!"},
		{"a-user", "https://very0secret@hooks.acme.example/x", "unknown user very0secret", "very0secret"},
		{"one-within-another", "https://hooks.acme.example/very0secret/very0secret0too", "unknown: very0secret0too", "0too"},
		{"with-escaped-slashes", "https://hooks.acme.example/services/very0secret", `{"url":"https:\/\/hooks.acme.example\/services\/very0secret"}`,
			"very0secret"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := &Outside{Transport: &saying{status: 403, body: test.body}, Now: testkit.NewClock(exampleTime).Now}
			_, err := out.do(t.Context(), request{url: test.url, body: []byte("{}")})
			f := failureOf(t, err)
			if strings.Contains(f.Error()+string(f.Detail), test.secret) || !strings.Contains(f.Error(), "…") {
				t.Errorf("%q", f.Error())
			}
			if f.Host != "hooks.acme.example" {
				t.Errorf("the host is %q", f.Host)
			}
		})
	}
}

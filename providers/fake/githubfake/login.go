package githubfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Device is a person's sign-in with a code, as the pages /login/device/code and
// /login/oauth/access_token offer it.
type Device struct {
	ClientID string
	Token    *Token        // the person's tokens are copies of this
	Lifetime time.Duration // of a token, which then comes with a refresh token; zero: it does not expire
	Pending  int           // requests for a token before the person has typed the code
	Interval int           // seconds between two such requests, as the page demands; zero is 1
}

const (
	devicePath = "/login/device/code"
	tokenPath  = "/login/oauth/access_token"
)

// signInPage answers the two pages, and reports whether the request was for one. GitHub answers
// errors there with status 200.
func (f *Fake) signInPage(w http.ResponseWriter, r *http.Request, sent []byte) bool {
	if r.URL.Path != devicePath && r.URL.Path != tokenPath {
		return false
	}
	form, err := url.ParseQuery(string(sent))
	answer := object{"error": "incorrect_client_credentials"}
	if device := f.options.Device; err == nil && r.Method == http.MethodPost && device != nil &&
		form.Get("client_id") == device.ClientID {
		if r.URL.Path == devicePath {
			answer = object{"device_code": "fake-device-code", "user_code": "WDJB-MJHT",
				"verification_uri": "https://github.com/login/device",
				"expires_in":       900, "interval": max(device.Interval, 1)}
		} else {
			answer = f.personToken(device, form)
		}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "encoding", http.StatusInternalServerError)
		return true
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(text)
	if f.options.Observe != nil {
		f.options.Observe(Exchange{Method: r.Method, Path: r.URL.Path, Operation: r.Method + " " + r.URL.Path,
			Body:   sent,
			Status: http.StatusOK, Answer: text})
	}
	return true
}

// personToken answers requests for a token, and for its renewal.
func (f *Fake) personToken(device *Device, form url.Values) object {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch form.Get("grant_type") {
	case "urn:ietf:params:oauth:grant-type:device_code":
		f.looks++
		switch {
		case form.Get("device_code") != "fake-device-code":
			return object{"error": "incorrect_device_code"}
		case f.looks <= device.Pending:
			return object{"error": "authorization_pending"}
		}
	case "refresh_token":
		if !f.refresh[form.Get("refresh_token")] {
			return object{"error": "bad_refresh_token"}
		}
		delete(f.refresh, form.Get("refresh_token")) // it can be used once
	default:
		return object{"error": "unsupported_grant_type"}
	}
	f.issued++
	text := fmt.Sprintf("gho_FakePersonToken%012d", f.issued)
	token := *device.Token
	answer := object{"access_token": text, "token_type": "bearer", "scope": ""}
	if device.Lifetime > 0 {
		text = fmt.Sprintf("ghu_FakePersonToken%012d", f.issued)
		refresh := fmt.Sprintf("ghr_FakeRefreshToken%012d", f.issued)
		f.refresh[refresh] = true
		f.handedOut = append(f.handedOut, refresh)
		token.Expires = f.options.Now().Add(device.Lifetime)
		answer = object{"access_token": text, "token_type": "bearer", "scope": "",
			"expires_in":    int(device.Lifetime / time.Second),
			"refresh_token": refresh, "refresh_token_expires_in": 15897600}
	}
	f.tokens[text] = &token
	return answer
}

package googlefake

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Names of the sign-in identities the fake knows.
const (
	ServiceAccount   = "guestlist@fake-project.iam.gserviceaccount.com"
	ServiceAccountID = "112233445566778899001"
	LoginClientID    = "555000111222-fakedesktopclient.apps.googleusercontent.com"
	loginSecret      = "GOCSPX-fake-desktop-secret"
)

const cloudPlatform = scopePrefix + "cloud-platform"

type accessToken struct {
	subject string // e-mail address it acts for; empty for a base identity
	scopes  []string
	expires time.Time
}

type authorization struct {
	accessToken
	challenge, redirect string
}

type serviceKey struct {
	private *rsa.PrivateKey
	pem     string
}

// sharedKey is the key of every fake in the process: making one takes longer than most tests.
var sharedKey = sync.OnceValues(newServiceKey)

func newServiceKey() (*serviceKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the fake service account's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encoding the fake service account's key: %w", err)
	}
	return &serviceKey{private, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}, nil
}

// secret is a line of the key that occurs nowhere else.
func (k *serviceKey) secret() string { return strings.Split(k.pem, "\n")[3] }

// ServiceAccountKey is the key file of a service account with domain-wide delegation, signed in at
// this server.
func (s *Server) ServiceAccountKey() []byte {
	key, _ := json.Marshal(map[string]any{
		"type": "service_account", "project_id": "fake-project", "private_key_id": "fake-key-1", "private_key": s.key.pem,
		"client_email": ServiceAccount, "client_id": ServiceAccountID, "token_uri": s.URL() + "/token",
		"auth_uri": s.URL() + "/o/oauth2/v2/auth", "universe_domain": "googleapis.com",
	}, json.Deterministic(true))
	return key
}

// LoginClient is the client file of a desktop application, as the Cloud console offers it for
// download.
func (s *Server) LoginClient() []byte {
	client, _ := json.Marshal(map[string]any{"installed": map[string]any{
		"client_id": LoginClientID, "project_id": "fake-project", "client_secret": loginSecret,
		"auth_uri": s.URL() + "/o/oauth2/v2/auth", "token_uri": s.URL() + "/token",
		"redirect_uris": []any{"http://localhost"},
	}}, json.Deterministic(true))
	return client
}

// ExternalAccount is a workload identity configuration whose subject token is in a file.
func (s *Server) ExternalAccount(tokenFile string) []byte {
	config, _ := json.Marshal(map[string]any{
		"type": "external_account", "universe_domain": "googleapis.com",
		"audience":           "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
		"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": s.URL() + "/v1/token",
		"credential_source": map[string]any{"file": tokenFile},
	}, json.Deterministic(true))
	return config
}

// AuthorizedUser is what `gcloud auth application-default login` leaves behind: someone's login
// with the scope cloud-platform and those named with --scopes.
func (s *Server) AuthorizedUser(subject string, scopes ...string) []byte {
	refresh := s.newRefresh(accessToken{subject: subject, scopes: append([]string{cloudPlatform}, scopes...)})
	config, _ := json.Marshal(map[string]any{
		"type": "authorized_user", "quota_project_id": "fake-project", "client_id": LoginClientID,
		"client_secret": loginSecret, "refresh_token": refresh,
	}, json.Deterministic(true))
	return config
}

// serveToken answers assertions, authorization codes and refresh tokens.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(r)
	if err != nil {
		oauthError(w, 400, "invalid_request", "unreadable form")
		return
	}
	s.shown(form.Get("assertion"), form.Get("code_verifier"))
	if fault := s.takeFault("token", ""); fault != nil {
		s.failSignIn(w, r, fault)
		return
	}
	switch form.Get("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion":
		s.tokenForAssertion(w, form.Get("assertion"))
	case "authorization_code":
		s.tokenForCode(w, form)
	case "refresh_token":
		s.tokenForRefresh(w, form)
	default:
		oauthError(w, 400, "unsupported_grant_type", "Invalid grant_type: "+form.Get("grant_type"))
	}
}

type assertionClaims struct {
	Issuer  string `json:"iss"`
	Scope   string `json:"scope"`
	Subject string `json:"sub"`
	Aud     string `json:"aud"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
}

func (s *Server) tokenForAssertion(w http.ResponseWriter, assertion string) {
	claims, err := s.verify(assertion)
	if err != nil {
		oauthError(w, 400, "invalid_grant", "Invalid JWT Signature.")
		return
	}
	scopes := strings.Fields(claims.Scope)
	s.ask(scopes)
	now := time.Now() // the signer of an assertion has no other clock either
	switch {
	case claims.Issuer != ServiceAccount:
		oauthError(w, 400, "invalid_grant", "Invalid grant: account not found")
		return
	case claims.Aud != s.URL()+"/token" && claims.Aud != "https://oauth2.googleapis.com/token":
		oauthError(w, 400, "invalid_grant", "Invalid JWT: Failed audience check.")
		return
	case claims.Expires-claims.Issued > 3600 || now.Unix() > claims.Expires+600:
		oauthError(w, 400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
		return
	}
	if claims.Subject != "" {
		if _, found := s.org.User(claims.Subject); !found {
			oauthError(w, 400, "invalid_grant", "Invalid email or User ID")
			return
		}
		if s.options.Delegated != nil && slices.ContainsFunc(scopes,
			func(scope string) bool { return !slices.Contains(s.options.Delegated, scope) }) {
			oauthError(w, 401, "unauthorized_client",
				"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
			return
		}
	}
	s.grantToken(w, accessToken{subject: claims.Subject, scopes: scopes}, "")
}

func (s *Server) tokenForCode(w http.ResponseWriter, form url.Values) {
	s.mu.Lock()
	code := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	s.mu.Unlock()
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !clientOK(form):
		oauthError(w, 401, "invalid_client", "Unauthorized")
	case code == nil || code.redirect != form.Get("redirect_uri"):
		oauthError(w, 400, "invalid_grant", "Malformed auth code.")
	case code.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		oauthError(w, 400, "invalid_grant", "Invalid code verifier.")
	default:
		s.grantToken(w, code.accessToken, s.newRefresh(code.accessToken))
	}
}

func (s *Server) tokenForRefresh(w http.ResponseWriter, form url.Values) {
	s.mu.Lock()
	token := s.refresh[form.Get("refresh_token")]
	s.mu.Unlock()
	switch {
	case !clientOK(form):
		oauthError(w, 401, "invalid_client", "Unauthorized")
	case token == nil:
		oauthError(w, 400, "invalid_grant", "Token has been expired or revoked.")
	default:
		s.grantToken(w, *token, "")
	}
}

// serveAuthorize is the consent page of an administrator who agrees at once.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || redirect.Hostname() != "127.0.0.1" || query.Get("client_id") != LoginClientID ||
		query.Get("response_type") != "code" ||
		query.Get("code_challenge_method") != "S256" || query.Get("access_type") != "offline" {
		http.Error(w, "Error 400: invalid_request", http.StatusBadRequest)
		return
	}
	scopes := strings.Fields(query.Get("scope"))
	s.ask(scopes)
	if s.options.Consented != nil {
		scopes = slices.DeleteFunc(scopes, func(scope string) bool { return !slices.Contains(s.options.Consented, scope) })
	}
	subject := query.Get("login_hint")
	if subject == "" {
		for user := range allUsers(s.org) {
			if user.Admin {
				subject = user.Email
				break
			}
		}
	}
	code := s.secret("4/0fake-code-")
	s.mu.Lock()
	s.codes[code] = &authorization{accessToken{subject: subject, scopes: scopes}, query.Get("code_challenge"),
		query.Get("redirect_uri")}
	s.mu.Unlock()
	answer := redirect.Query()
	answer.Set("code", code)
	answer.Set("state", query.Get("state"))
	answer.Set("scope", strings.Join(scopes, " "))
	redirect.RawQuery = answer.Encode()
	http.Redirect(w, r, redirect.String(), http.StatusFound)
}

// serveExchange is the security token service of workload identity federation.
func (s *Server) serveExchange(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(r)
	if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange" ||
		form.Get("subject_token") == "" {
		oauthError(w, 400, "invalid_request", "Invalid token exchange.")
		return
	}
	s.shown(form.Get("subject_token"))
	if fault := s.takeFault("exchange", ""); fault != nil {
		s.failSignIn(w, r, fault)
		return
	}
	scopes := strings.Fields(form.Get("scope"))
	s.ask(scopes)
	s.grantToken(w, accessToken{scopes: scopes}, "")
}

// serveSignJWT signs claims as the service account, for a base identity that may impersonate it.
func (s *Server) serveSignJWT(w http.ResponseWriter, r *http.Request) {
	email, isSign := strings.CutSuffix(r.PathValue("action"), ":signJwt")
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	base := s.tokens[bearer]
	s.mu.Unlock()
	body, err := readJSON(r)
	fault := s.takeFault("signJwt", "")
	switch {
	case fault != nil:
		s.failSignIn(w, r, fault)
	case !isSign || err != nil:
		s.fail(w, r, badRequest("Request contains an invalid argument."))
	case base == nil:
		s.fail(w, r, badCredentials())
	case email != ServiceAccount || !slices.Contains(base.scopes, cloudPlatform):
		s.fail(w, r, envelope(403, "PERMISSION_DENIED", "forbidden", "global",
			"Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist)."))
	default:
		signed, err := s.sign(body.Payload)
		if err != nil {
			s.fail(w, r, ServerError())
			return
		}
		writeJSON(w, 200, map[string]any{"keyId": "fake-key-1", "signedJwt": signed})
	}
}

type signRequest struct {
	Payload string `json:"payload"`
}

func (s *Server) sign(payload string) (string, error) {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT","kid":"fake-key-1"}`))
	text := head + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key.private, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

func (s *Server) verify(assertion string) (assertionClaims, error) {
	var claims assertionClaims
	text, signature, ok := cutLast(assertion, ".")
	_, payload, ok2 := strings.Cut(text, ".")
	if !ok || !ok2 {
		return claims, fmt.Errorf("not a token of three parts")
	}
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return claims, err
	}
	sum := sha256.Sum256([]byte(text))
	if err := rsa.VerifyPKCS1v15(&s.key.private.PublicKey, crypto.SHA256, sum[:], raw); err != nil {
		return claims, err
	}
	body, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return claims, err
	}
	return claims, json.Unmarshal(body, &claims)
}

func (s *Server) grantToken(w http.ResponseWriter, token accessToken, refresh string) {
	lifetime := s.options.TokenLifetime
	if lifetime == 0 {
		lifetime = time.Hour
	}
	token.expires = time.Now().Add(lifetime)
	bearer := s.secret("ya29.fake-access-")
	s.mu.Lock()
	s.tokens[bearer] = &token
	s.mu.Unlock()
	answer := map[string]any{
		"access_token": bearer, "token_type": "Bearer", "expires_in": int(lifetime / time.Second),
		"scope": strings.Join(token.scopes, " "),
	}
	if refresh != "" {
		answer["refresh_token"] = refresh
	}
	writeJSON(w, 200, answer)
}

func (s *Server) newRefresh(token accessToken) string {
	refresh := s.secret("1//fake-refresh-")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh[refresh] = &token
	return refresh
}

// secret makes a secret that occurs nowhere else and remembers it.
func (s *Server) secret(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%d%s", prefix, s.serial, s.listener.Addr()))
	text := prefix + base64.RawURLEncoding.EncodeToString(sum[:])
	s.secrets = append(s.secrets, text)
	return text
}

// shown remembers secrets that the caller sent.
func (s *Server) shown(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		if secret != "" {
			s.secrets = append(s.secrets, secret)
		}
	}
}

func (s *Server) ask(scopes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, scope := range scopes {
		s.asked[scope] = true
	}
}

// failSignIn answers a sign-in wrongly. A truncated answer holds no token.
func (s *Server) failSignIn(w http.ResponseWriter, r *http.Request, fault *Fault) {
	if fault.kind == faultTruncated {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		io.WriteString(w, `{"access_token":"`)
		return
	}
	s.fail(w, r, fault)
}

func clientOK(form url.Values) bool {
	return form.Get("client_id") == LoginClientID && form.Get("client_secret") == loginSecret
}

func oauthError(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]any{"error": code, "error_description": description})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	json.MarshalWrite(w, body, json.Deterministic(true))
}

func readJSON(r *http.Request) (request signRequest, err error) {
	return request, json.UnmarshalRead(http.MaxBytesReader(nil, r.Body, maxFormBytes), &request)
}

func cutLast(text, separator string) (before, after string, found bool) {
	n := strings.LastIndex(text, separator)
	if n < 0 {
		return text, "", false
	}
	return text[:n], text[n+len(separator):], true
}

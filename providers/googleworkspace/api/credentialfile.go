package api

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// credentialFile holds the fields of Google's credential files that decide how they are used.
type credentialFile struct {
	Type             string `json:"type"`
	ClientEmail      string `json:"client_email"`
	ClientID         string `json:"client_id"`
	ProjectID        string `json:"project_id"`
	TokenURI         string `json:"token_uri"`
	TokenURL         string `json:"token_url"`
	ImpersonationURL string `json:"service_account_impersonation_url"`
	UniverseDomain   string `json:"universe_domain"`
	QuotaProject     string `json:"quota_project_id"`
}

// findDefault returns the file of the application default credentials, or nil if only the metadata
// server is left.
func findDefault(env scanner.Env) ([]byte, error) {
	path := env.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	if path == "" {
		path = wellKnownFile(env)
		if _, err := os.Stat(path); err != nil {
			return nil, nil
		}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("opening application default credentials %q: %w", path, errors.Unwrap(err))
	case info.Size() > maxCredentialBytes:
		return nil, fmt.Errorf("application default credentials %q are larger than %d bytes", path, maxCredentialBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading application default credentials: %w", err)
	}
	return text, nil
}

func wellKnownFile(env scanner.Env) string {
	const name = "application_default_credentials.json"
	if dir := env.Getenv("CLOUDSDK_CONFIG"); dir != "" {
		return filepath.Join(dir, name)
	}
	if env.OS == "windows" {
		return filepath.Join(env.Getenv("APPDATA"), "gcloud", name)
	}
	return filepath.Join(env.Getenv("HOME"), ".config", "gcloud", name)
}

// readCredentialFile reads the fields above. Its error quotes nothing from the file, which may hold
// a key.
func readCredentialFile(text []byte) (file credentialFile, err error) {
	if len(text) > maxCredentialBytes {
		return file, fmt.Errorf("the credential is larger than %d bytes", maxCredentialBytes)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return file, errors.New("the credential is not the JSON file that Google offers for download")
	}
	if file.UniverseDomain != "" && file.UniverseDomain != "googleapis.com" {
		return file, fmt.Errorf("the credential belongs to the universe %q; Workspace is in googleapis.com",
			inventory.Untrusted(file.UniverseDomain))
	}
	return file, nil
}

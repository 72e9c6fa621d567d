package notify

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"guestlist/scanner/testkit"
)

// authority is a certificate for this machine, as values and as files.
type authority struct {
	config    *tls.Config
	cert, key string
}

// newAuthority takes the certificate that Go's own tests use.
func newAuthority(t *testing.T) authority {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	certificate := server.TLS.Certificates[0]
	server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a := authority{&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	testkit.WriteFile(t, a.cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})))
	testkit.WriteFile(t, a.key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	return a
}

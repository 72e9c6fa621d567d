package firefox

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
)

// An xpi is signed by a PKCS #7 document in it, whose certificate names the add-on and what Mozilla
// signed it as (XPIInstall.sys.mjs, getSignedStatus). A certificate by itself proves nothing,
// because only the browser's own roots can verify it; but without one, the add-on is certainly not
// signed.

const (
	signatureFile = "META-INF/mozilla.rsa"
	maxSignature  = 256 << 10 // bytes; real ones have about 5 KB
)

// ownUnits are the organizational units in the certificates of the browser's own add-ons.
var ownUnits = []string{"Mozilla Components", "Mozilla Extensions"}

// bySignature is what the signatures in its packages say about an add-on that claims to be the
// browser's own. Without a package, nothing is confirmed.
func (s *scan) bySignature(a *addon) standing {
	packages, err := s.packages(a)
	switch {
	case isMissing(err):
		return unconfirmed
	case err != nil:
		return pretending
	}
	result := builtin
	for _, files := range packages {
		data, err := readEntry(files.dir, files.name, signatureFile, maxSignature)
		if err != nil || !isOwnSignature(data, a.id) {
			result = pretending
		}
		s.close(files)
	}
	return result
}

// isOwnSignature reports whether a signature has a certificate that another one signed and that
// makes the add-on of that ID one of Mozilla's own.
func isOwnSignature(data []byte, id string) bool {
	return slices.ContainsFunc(certificatesOf(data), func(c *x509.Certificate) bool {
		return c.Subject.CommonName == id && string(c.RawIssuer) != string(c.RawSubject) &&
			slices.ContainsFunc(c.Subject.OrganizationalUnit, func(unit string) bool { return slices.Contains(ownUnits, unit) })
	})
}

// certificatesOf returns the certificates in a PKCS #7 document of signed data (RFC 2315, 9.1);
// none if data is not one.
func certificatesOf(data []byte) []*x509.Certificate {
	var content struct {
		Type   asn1.ObjectIdentifier
		Signed struct {
			Version      int
			Digests      asn1.RawValue
			Content      asn1.RawValue
			Certificates asn1.RawValue `asn1:"optional,tag:0"`
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(data, &content); err != nil {
		return nil
	}
	certificates, err := x509.ParseCertificates(content.Signed.Certificates.Bytes)
	if err != nil {
		return nil
	}
	return certificates
}

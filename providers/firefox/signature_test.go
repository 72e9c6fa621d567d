package firefox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

// signatureOf makes a document as Mozilla signs an xpi with, with certificates of our own.
func signatureOf(t testing.TB, id, unit string) []byte {
	t.Helper()
	return pkcs7Of(t, certificateOf(t, pkix.Name{CommonName: id, OrganizationalUnit: []string{unit}},
		pkix.Name{CommonName: "example authority"}))
}

func certificateOf(t testing.TB, subject, issuer pkix.Name) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := func(name pkix.Name) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name, NotBefore: time.Unix(0, 0),
			NotAfter: time.Unix(1<<32, 0)}
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template(subject), template(issuer), &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func pkcs7Of(t testing.TB, certificate []byte) []byte {
	t.Helper()
	type info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"optional"`
	}
	signed, err := asn1.Marshal(struct {
		Version      int
		Digests      []int `asn1:"set"`
		Content      info
		Certificates asn1.RawValue
		Signers      []int `asn1:"set"`
	}{
		Version: 1, Content: info{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: certificate},
	})
	if err != nil {
		t.Fatal(err)
	}
	document, err := asn1.Marshal(info{
		Type:    asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		Content: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: signed},
	})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestASignatureSaysWhoseAnAddonIs(t *testing.T) {
	t.Parallel()
	own := pkix.Name{CommonName: "newtab@mozilla.org", OrganizationalUnit: []string{"Mozilla Components"}}
	for name, test := range map[string]struct {
		data []byte
		want bool
	}{
		"the-browser's-own":       {signatureOf(t, "newtab@mozilla.org", "Mozilla Components"), true},
		"a-privileged-one":        {signatureOf(t, "newtab@mozilla.org", "Mozilla Extensions"), true},
		"the-store's":             {signatureOf(t, "newtab@mozilla.org", "Production"), false},
		"another-add-on's":        {signatureOf(t, "other@mozilla.org", "Mozilla Components"), false},
		"one-that-signed-itself":  {pkcs7Of(t, certificateOf(t, own, own)), false},
		"no-certificate":          {pkcs7Of(t, nil), false},
		"what-is-no-certificate":  {pkcs7Of(t, []byte("no certificate")), false},
		"what-is-no-signature":    {[]byte("no signature"), false},
		"nothing":                 {nil, false},
		"a-signature-that-is-cut": {signatureOf(t, "newtab@mozilla.org", "Mozilla Components")[:40], false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := isOwnSignature(test.data, "newtab@mozilla.org"); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

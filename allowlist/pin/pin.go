// Package pin decides whether a file from elsewhere is the one that a reviewed list names: by its
// digest, or by a signature of a key that the list names.
//
// Three pins are known. A digest is SHA-256, in hexadecimal: it means one content for ever. A
// minisign key (https://jedisct1.github.io/minisign/) and an SSH key, whose signatures are
// OpenSSH's SSHSIG (PROTOCOL.sshsig of OpenSSH), mean whatever the key's owner signs. SSH
// signatures must be made for the namespace [Namespace], so that what the same key signs elsewhere,
// such as commits, is never taken for a list.
//
// A signature does not say that there is no newer content: an older signed file that is served again
// is accepted.
package pin

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"aead.dev/minisign"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"guestlist/scanner/inventory"
)

// Namespace is what SSH signatures of lists are made for: ssh-keygen -Y sign -n guestlist.
const Namespace = "guestlist"

// Limits.
const (
	MaxSignatureBytes = 16 << 10
	leastRSABits      = 2048
)

// typeDSA is the type of DSA keys.
const typeDSA = "ssh-dss"

// Pin says which content is the right one. The zero value pins nothing, and accepts nothing.
type Pin struct {
	sha256   string
	minisign []minisign.PublicKey
	ssh      []ssh.PublicKey
}

// IsZero reports whether nothing is pinned.
func (p Pin) IsZero() bool { return p.sha256 == "" && len(p.minisign) == 0 && len(p.ssh) == 0 }

// IsDigest reports whether the pin is one content, which never changes.
func (p Pin) IsDigest() bool { return p.sha256 != "" }

// Digest pins a SHA-256 in hexadecimal.
func Digest(text string) (Pin, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != sha256.Size {
		return Pin{}, errors.New("is not a SHA-256, which has 64 hexadecimal digits")
	}
	return Pin{sha256: strings.ToLower(text)}, nil
}

// Minisign pins minisign's public keys, as minisign -G prints them.
func Minisign(keys []string) (Pin, error) {
	var pin Pin
	for _, text := range keys {
		var key minisign.PublicKey
		if err := key.UnmarshalText([]byte(text)); err != nil {
			return Pin{}, fmt.Errorf("%q is not a public key of minisign, which begins with RW", inventory.Untrusted(text))
		}
		pin.minisign = append(pin.minisign, key)
	}
	return pin, nil
}

// SSH pins SSH public keys, as they are written in authorized_keys.
func SSH(keys []string) (Pin, error) {
	var pin Pin
	for _, text := range keys {
		key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(text))
		if err != nil || len(bytes.TrimSpace(rest)) > 0 {
			return Pin{}, fmt.Errorf("%q is not an SSH public key, such as ssh-ed25519 AAAA…", inventory.Untrusted(text))
		}
		if err := checkStrength(key); err != nil {
			return Pin{}, err
		}
		pin.ssh = append(pin.ssh, key)
	}
	return pin, nil
}

// checkStrength refuses keys that can be forged, and certificates, whose authority is not asked.
func checkStrength(key ssh.PublicKey) error {
	if _, is := key.(*ssh.Certificate); is {
		return errors.New("it is a certificate: name the key itself")
	}
	if key.Type() == typeDSA {
		return errors.New("DSA keys are too weak: sign with an Ed25519 key")
	}
	if plain, is := key.(ssh.CryptoPublicKey); is {
		if public, isRSA := plain.CryptoPublicKey().(*rsa.PublicKey); isRSA && public.N.BitLen() < leastRSABits {
			return fmt.Errorf("RSA keys of less than %d bits are too weak", leastRSABits)
		}
	}
	return nil
}

// SignatureSuffix is added to a file's name to get the name of its signature; "" where none is
// needed.
func (p Pin) SignatureSuffix() string {
	switch {
	case len(p.minisign) > 0:
		return ".minisig"
	case len(p.ssh) > 0:
		return ".sig"
	}
	return ""
}

// String says in a few words what is pinned.
func (p Pin) String() string {
	switch {
	case p.IsDigest():
		return "sha256 " + p.sha256
	case len(p.minisign) > 0:
		return "minisign key " + fmt.Sprintf("%016X", p.minisign[0].ID())
	case len(p.ssh) > 0:
		return "SSH key " + ssh.FingerprintSHA256(p.ssh[0])
	}
	return "nothing"
}

// Check returns nil if data is what is pinned, and otherwise says why not. signature is the content
// of the signature's file; a digest needs none.
func (p Pin) Check(data, signature []byte) error {
	switch {
	case p.IsDigest():
		return p.checkDigest(data)
	case p.IsZero():
		return errors.New("nothing is pinned")
	case len(signature) > MaxSignatureBytes:
		return fmt.Errorf("its signature is larger than %d KiB", MaxSignatureBytes>>10)
	case len(p.minisign) > 0:
		return p.checkMinisign(data, signature)
	}
	return p.checkSSH(data, signature)
}

func (p Pin) checkDigest(data []byte) error {
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != p.sha256 {
		return fmt.Errorf("its SHA-256 is %s, and %s is pinned", got, p.sha256)
	}
	return nil
}

func (p Pin) checkMinisign(data, text []byte) error {
	var signature minisign.Signature
	if err := signature.UnmarshalText(text); err != nil {
		return errors.New("its signature is not one of minisign")
	}
	known := false
	for _, key := range p.minisign {
		if minisign.Verify(key, data, text) {
			return nil
		}
		known = known || key.ID() == signature.KeyID
	}
	if !known {
		return fmt.Errorf("it is signed with the key %016X, which is not pinned", signature.KeyID)
	}
	return errChanged
}

var errChanged = errors.New("its signature is wrong: the file or the signature was changed")

func (p Pin) checkSSH(data, text []byte) error {
	signature, err := sshsig.Unarmor(text)
	if err != nil {
		return errors.New("its signature is not one of ssh-keygen -Y sign")
	}
	key := signature.PublicKey
	if !slices.ContainsFunc(p.ssh, func(own ssh.PublicKey) bool { return bytes.Equal(own.Marshal(), key.Marshal()) }) {
		return fmt.Errorf("it is signed with the key %s, which is not pinned", ssh.FingerprintSHA256(key))
	}
	err = sshsig.Verify(bytes.NewReader(data), signature, key, signature.HashAlgorithm, Namespace)
	switch {
	case errors.Is(err, sshsig.ErrNamespaceMismatch):
		return fmt.Errorf("its signature was made for %q: sign it with ssh-keygen -Y sign -n %s",
			inventory.Untrusted(signature.Namespace), Namespace)
	case err != nil:
		return errChanged
	}
	return nil
}

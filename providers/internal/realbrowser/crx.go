package realbrowser

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// The CRX3 format (components/crx_file/crx3.proto): "Cr24", the version and the header's length,
// both as four bytes, the header as a protocol buffer, and the zip. The signature covers the text
// below, the signed data's length, the signed data (the ID) and the zip.
const (
	crxMagic      = "Cr24"
	crxVersion    = 3
	crxSigned     = "CRX3 SignedData\x00"
	crxECDSAProof = 3     // CrxFileHeader.sha256_with_ecdsa
	crxSignedData = 10000 // CrxFileHeader.signed_header_data
	crxPublicKey  = 1     // AsymmetricKeyProof.public_key
	crxSignature  = 2     // AsymmetricKeyProof.signature
	crxID         = 1     // SignedData.crx_id
)

// CRX packs and signs the extension for Chromium.
func (e *Extension) CRX() ([]byte, error) {
	private, public, err := e.key()
	if err != nil {
		return nil, err
	}
	archive, err := e.Zip()
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(public)
	signed := protobufBytes(nil, crxID, hash[:16])

	digest := sha256.New()
	digest.Write([]byte(crxSigned))
	digest.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(signed))))
	digest.Write(signed)
	digest.Write(archive)
	signature, err := ecdsa.SignASN1(rand.Reader, private, digest.Sum(nil))
	if err != nil {
		return nil, err
	}
	proof := protobufBytes(protobufBytes(nil, crxPublicKey, public), crxSignature, signature)
	header := protobufBytes(protobufBytes(nil, crxECDSAProof, proof), crxSignedData, signed)

	file := []byte(crxMagic)
	file = binary.LittleEndian.AppendUint32(file, crxVersion)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(header)))
	return append(append(file, header...), archive...), nil
}

// protobufBytes appends a field of type bytes.
func protobufBytes(message []byte, field uint64, value []byte) []byte {
	const lengthDelimited = 2
	message = binary.AppendUvarint(message, field<<3|lengthDelimited)
	message = binary.AppendUvarint(message, uint64(len(value)))
	return append(message, value...)
}

package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"aead.dev/minisign"
	"github.com/hiddeco/sshsig"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"guestlist/allowlist/pin"
)

// listCommands are what scripts can say about lists that come from an address.
var listCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"serve": scriptServe, "digest": scriptDigest, "sign": scriptSign,
}

// scriptServe serves the files of a directory, as they are when they are asked for: serve VARIABLE
// DIR. A file NAME.redirect leads to the address that it contains. The variable is the server's
// address.
func scriptServe(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[1])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(dir, filepath.FromSlash(r.URL.Path))
		if target, err := os.ReadFile(path + ".redirect"); err == nil {
			http.Redirect(w, r, strings.TrimSpace(string(target)), http.StatusFound)
			return
		}
		http.ServeFile(w, r, path)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

// scriptDigest sets a variable to the SHA-256 of a file: digest VARIABLE FILE
func scriptDigest(ts *testscript.TestScript, _ bool, args []string) {
	sum := sha256.Sum256([]byte(ts.ReadFile(args[1])))
	ts.Setenv(args[0], hex.EncodeToString(sum[:]))
}

// scriptSign signs a file as a tool does, with the key of a name, and sets a variable to its public
// key: sign minisign|ssh FILE NAME VARIABLE
func scriptSign(ts *testscript.TestScript, _ bool, args []string) {
	data := []byte(ts.ReadFile(args[1]))
	seed := sha256.Sum256([]byte(args[2]))
	path := ts.MkAbs(args[1])
	switch args[0] {
	case "minisign":
		public, private, err := minisign.GenerateKey(bytes.NewReader(bytes.Repeat(seed[:], 4)))
		ts.Check(err)
		ts.Check(os.WriteFile(path+".minisig", minisign.Sign(private, data), 0o600))
		ts.Setenv(args[3], public.String())
	case "ssh":
		signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
		ts.Check(err)
		signature, err := sshsig.Sign(bytes.NewReader(data), signer, sshsig.HashSHA512, pin.Namespace)
		ts.Check(err)
		ts.Check(os.WriteFile(path+".sig", sshsig.Armor(signature), 0o600))
		ts.Setenv(args[3], strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))))
	default:
		ts.Fatalf("usage: sign minisign|ssh FILE NAME VARIABLE")
	}
}

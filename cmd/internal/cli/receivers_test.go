package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// receiverCommands are what scripts can say about servers that messages are posted to.
var receiverCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"receiver": scriptReceiver,
	"answers":  scriptAnswers,
	"secret":   scriptSecret,
}

// scriptReceived is a server that writes down what it is sent.
type scriptReceived struct {
	mu      sync.Mutex
	answers []int // to the next requests; then 200
}

// scriptReceiver starts a server for posts: receiver VARIABLE. It sets the variable to a URL that is
// a secret, and writes each request that it answers with 2xx to the file VARIABLE.received: a line
// with the method and the suffix of the path, and the body.
func scriptReceiver(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	name := args[0]
	secret := "T0secret" + strconv.Itoa(len(v.secrets)) + "of" + name
	got := &scriptReceived{}
	path := ts.MkAbs(name + ".received")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.mu.Lock()
		defer got.mu.Unlock()
		suffix, found := strings.CutPrefix(r.URL.Path, "/hooks/"+secret)
		if !found {
			http.NotFound(w, r)
			return
		}
		status := http.StatusOK
		if len(got.answers) > 0 {
			status, got.answers = got.answers[0], got.answers[1:]
		}
		body, _ := io.ReadAll(r.Body)
		if status/100 == 2 {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err == nil {
				fmt.Fprintf(file, "%s %s %s\n", r.Method, suffix, body)
				file.Close()
			}
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, "%d at %s", status, r.URL) // a service may repeat what it was asked
	}))
	ts.Defer(server.Close)
	v.secrets = append(v.secrets, secret)
	ts.Setenv(name, server.URL+"/hooks/"+secret)
	if v.receivers == nil {
		v.receivers = map[string]*scriptReceived{}
	}
	v.receivers[name] = got
}

// scriptAnswers says how a receiver answers its next requests: answers VARIABLE STATUS...
func scriptAnswers(ts *testscript.TestScript, _ bool, args []string) {
	got := vendorsOf(ts).receivers[args[0]]
	got.mu.Lock()
	defer got.mu.Unlock()
	got.answers = nil
	for _, arg := range args[1:] {
		status, err := strconv.Atoi(arg)
		ts.Check(err)
		got.answers = append(got.answers, status)
	}
}

// scriptSecret makes a variable one whose value must appear nowhere: secret VARIABLE VALUE
func scriptSecret(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	v.secrets = append(v.secrets, args[1])
	ts.Setenv(args[0], args[1])
}

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/fake/googlefake"
)

// vendors are the loopback services that one script has started, and what they count and know.
type vendors struct {
	dir string

	mu      sync.Mutex
	changed *sync.Cond
	google  *googlefake.Server
	org     *googlefake.Org // nil for a generated one
	github  *githubfake.Fake
	calls   map[string]int // of Google, by path's last part; of GitHub, by operation
	heard   map[string][]string
	methods map[string]int // of API calls, by vendor and method
	secrets []string       // that scripts put in place themselves
	// receivers are the servers that messages are posted to, by the variable with their URL.
	receivers map[string]*scriptReceived
}

const vendorsKey = "vendors"

// transcriptName is the file that gets everything a script's commands write to stdout and stderr.
const transcriptName = ".transcript"

func newVendors(dir string) *vendors {
	v := &vendors{dir: dir, calls: map[string]int{}, methods: map[string]int{}, heard: map[string][]string{}}
	v.changed = sync.NewCond(&v.mu)
	return v
}

func vendorsOf(ts *testscript.TestScript) *vendors { return ts.Value(vendorsKey).(*vendors) }

func (v *vendors) observe(vendor, call, method string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls[call]++
	v.methods[vendor+" "+method]++
	v.changed.Broadcast()
}

// vendorCommands are what scripts can say about the services.
var vendorCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"google":        scriptGoogle,
	"google-break":  scriptGoogleBreak,
	"google-change": scriptGoogleChange,
	"github":        scriptGitHub,
	"github-break":  scriptGitHubBreak,
	"repair":        scriptRepair,
	"calls":         scriptCalls,
	"wait-calls":    scriptWaitCalls,
	"methods":       scriptMethods,
	"fill":          scriptFill,
	"env.from":      scriptEnvFrom,
	"listen":        scriptListen,
	"heard":         scriptHeard,
}

// options reads NAME=VALUE arguments; the others are returned in order.
func options(args []string) (map[string]string, []string) {
	named, rest := map[string]string{}, []string(nil)
	for _, arg := range args {
		if name, value, found := strings.Cut(arg, "="); found {
			named[name] = value
		} else {
			rest = append(rest, arg)
		}
	}
	return named, rest
}

func number(ts *testscript.TestScript, text string, missing int) int {
	if text == "" {
		return missing
	}
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// scriptGoogle starts a Workspace: google [users=N] [latency=5ms] [delegated=scope,…]
// [consented=scope,…]
//
// It sets GOOGLE_URL and writes the credential files google/{key,client,external,user}.json.
func scriptGoogle(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	named, _ := options(args)
	prefixed := func(names []string) []string {
		for n, name := range names {
			names[n] = googleScopes + name
		}
		return names
	}
	latency, err := time.ParseDuration(named["latency"] + "0s")
	if named["latency"] != "" {
		latency, err = time.ParseDuration(named["latency"])
	}
	ts.Check(err)
	settings := googlefake.Options{
		Now: func() time.Time { return demoNow }, Latency: latency,
		Delegated: prefixed(list(named["delegated"])), Consented: prefixed(list(named["consented"])),
		Observe: func(e googlefake.Exchange) { v.observe("google", googleCall(e.Path), e.Method) },
	}
	v.org = googlefake.Acme(demoNow)
	v.google, err = googlefake.New(v.org, settings)
	if users := number(ts, named["users"], 0); users > 0 {
		v.google.Close()
		v.google, err = googlefake.New(googlefake.Generated{Size: users, GrantsEach: 4}, settings)
	}
	ts.Check(err)
	ts.Defer(func() { v.google.Close() })
	ts.Setenv("GOOGLE_URL", v.google.URL())
	dir := filepath.Join(v.dir, "google")
	ts.Check(os.MkdirAll(dir, 0o700))
	write := func(name string, text []byte) { ts.Check(os.WriteFile(filepath.Join(dir, name), text, 0o600)) }
	write("key.json", v.google.ServiceAccountKey())
	write("client.json", v.google.LoginClient())
	write("subject-token", []byte("fake-subject-token"))
	write("external.json", v.google.ExternalAccount(filepath.Join(dir, "subject-token")))
	write("user.json", v.google.AuthorizedUser("it@acme.example"))
}

// googleScopes is what the names of Google's scopes begin with.
const googleScopes = "https://www.googleapis.com/auth/"

// googleCall names a call by the last part of its path that is no user's: tokens, users, asps,
// token, admin.
func googleCall(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// googleFaults are what scripts call the faults that Google can be told to have.
var googleFaults = map[string]func() *googlefake.Fault{
	"unauthorized": googlefake.Unauthorized, "not-found": googlefake.NotFound, "group": googlefake.GroupKey,
	"forbidden": googlefake.Forbidden, "scope": googlefake.InsufficientScope,
	"api-off":   func() *googlefake.Fault { return googlefake.APIOff("admin.googleapis.com", "fake-project") },
	"user-rate": googlefake.UserRateLimited, "quota": googlefake.QuotaExceeded,
	"rate":    func() *googlefake.Fault { return googlefake.RateLimited(time.Second) },
	"backend": googlefake.BackendError, "server-error": googlefake.ServerError, "bad-gateway": googlefake.BadGateway,
	"truncated": googlefake.Truncated, "reset": googlefake.Reset,
}

// scriptGoogleBreak makes Google's answers wrong: google-break FAULT [on=tokens.list] [for=USER]
// [times=N] [after=N]
func scriptGoogleBreak(ts *testscript.TestScript, _ bool, args []string) {
	named, rest := options(args)
	makeFault := googleFaults[strings.Join(rest, " ")]
	if makeFault == nil {
		ts.Fatalf("no fault %q; there are %v", rest, slices.Sorted(maps.Keys(googleFaults)))
	}
	fault := makeFault()
	if named["on"] != "" {
		fault.On(named["on"])
	}
	if named["for"] != "" {
		fault.For(named["for"])
	}
	fault.Times(number(ts, named["times"], -1)).After(number(ts, named["after"], 0))
	vendorsOf(ts).google.Break(fault)
}

// scriptGoogleChange changes the organization: google-change grant USER CLIENT-ID SCOPE… | revoke
// USER CLIENT-ID | suspend USER | delete USER | rename USER ADDRESS | move USER UNIT | promote USER
func scriptGoogleChange(ts *testscript.TestScript, _ bool, args []string) {
	org := vendorsOf(ts).org
	if len(args) < 2 {
		ts.Fatalf("usage: google-change WHAT USER …")
	}
	user := args[1]
	at := demoNow.Add(-time.Hour)
	switch args[0] {
	case "grant":
		grant := googlefake.Grant{ClientID: args[2], Name: "App of the script"}
		for _, scope := range args[3:] {
			grant.Scopes = append(grant.Scopes, googleScopes+scope)
		}
		org.Grant(user, grant, at, 0)
	case "revoke":
		org.Revoke(user, args[2], at, 0, false)
	case "suspend":
		org.Change(user, func(u *googlefake.User) { u.Suspended, u.AnswersUnauthorized = true, true })
	case "delete":
		org.Delete(user)
	case "rename":
		org.Change(user, func(u *googlefake.User) { u.Email = args[2] })
	case "move":
		org.Change(user, func(u *googlefake.User) { u.Unit = args[2] })
	case "promote":
		org.Change(user, func(u *googlefake.User) { u.Admin = true })
	default:
		ts.Fatalf("google-change %s?", args[0])
	}
}

// githubDeviceClient is the client ID of the app that people sign in to the example organization
// with.
const githubDeviceClient = "Iv23liDemoDevice0001"

// onPlan makes every organization one of that plan.
func onPlan(options githubfake.Options, plan githubfake.Plan) githubfake.Options {
	for _, org := range options.Organizations {
		org.Plan, org.SAML = plan, plan == githubfake.Cloud
	}
	options.Server = plan == githubfake.Server
	return options
}

// scriptGitHub starts a GitHub: github [plan=free|team|enterprise|server] [core=N]
//
// It sets GITHUB_URL, GITHUB_APP, DEMO_TOKEN and EMPLOYEE_TOKEN, and writes the App's key,
// github/app.pem.
func scriptGitHub(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	named, _ := options(args)
	settings, app, err := githubfake.DemoApp(demoNow)
	ts.Check(err)
	if named["plan"] != "" {
		settings = onPlan(settings, githubfake.Plan(named["plan"]))
	}
	settings.Device = &githubfake.Device{
		ClientID: githubDeviceClient, Token: settings.Tokens[githubfake.DemoEmployeeToken], Lifetime: 8 * time.Hour,
	}
	settings.Core = number(ts, named["core"], settings.Core)
	settings.Observe = func(e githubfake.Exchange) { v.observe("github", e.Operation, e.Method) }
	v.github, err = githubfake.Start(settings)
	ts.Check(err)
	ts.Defer(func() { v.github.Close() })
	ts.Setenv("GITHUB_URL", v.github.URL())
	ts.Setenv("GITHUB_APP", app.ClientID)
	ts.Setenv("GITHUB_DEVICE", githubDeviceClient)
	ts.Setenv("DEMO_TOKEN", githubfake.DemoToken)
	ts.Setenv("EMPLOYEE_TOKEN", githubfake.DemoEmployeeToken)
	dir := filepath.Join(v.dir, "github")
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(os.WriteFile(filepath.Join(dir, "app.pem"), app.Key, 0o600))
	v.secrets = append(v.secrets, strings.Split(string(app.Key), "\n")[3])
}

// scriptGitHubBreak makes GitHub's answers wrong: github-break KIND… [path=/members] [query=…]
// [times=N] [after=N] [wait=1s] [target=URL]
func scriptGitHubBreak(ts *testscript.TestScript, _ bool, args []string) {
	named, rest := options(args)
	fault := githubfake.Fault{Kind: githubfake.FaultKind(strings.Join(rest, " "))}
	fault.Path, fault.Query, fault.Target = named["path"], named["query"], named["target"]
	fault.Times, fault.After = number(ts, named["times"], 0), number(ts, named["after"], 0)
	if named["wait"] != "" {
		wait, err := time.ParseDuration(named["wait"])
		ts.Check(err)
		fault.Wait = wait
	}
	vendorsOf(ts).github.Fail(fault)
}

// scriptRepair takes all faults back.
func scriptRepair(ts *testscript.TestScript, _ bool, _ []string) {
	v := vendorsOf(ts)
	if v.google != nil {
		v.google.Repair()
	}
	if v.github != nil {
		v.github.Heal()
	}
}

// scriptCalls checks how often a call was made since the last check, and forgets it: calls NAME
// LEAST [MOST]
func scriptCalls(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	v.mu.Lock()
	defer v.mu.Unlock()
	name, limits := args[0], args[1:]
	if len(args) > 3 { // an operation has a space: GET /orgs/{org}/members
		name, limits = strings.Join(args[:2], " "), args[2:]
	}
	least := number(ts, limits[0], 0)
	most := number(ts, limits[len(limits)-1], 0)
	if n := v.calls[name]; n < least || n > most {
		ts.Fatalf("%d calls of %s, want %d to %d; all: %v", n, name, least, most, v.calls)
	}
	v.calls[name] = 0
}

// scriptWaitCalls waits until a call was made so often: wait-calls NAME COUNT
func scriptWaitCalls(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	count := number(ts, args[1], 0)
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.calls[args[0]] < count {
		v.changed.Wait()
	}
}

// scriptMethods checks that the API calls of all vendors were of these methods alone: methods GET
func scriptMethods(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.methods) == 0 {
		ts.Fatalf("no call was made at all")
	}
	for method := range v.methods {
		vendor, name, _ := strings.Cut(method, " ")
		if !slices.Contains(args, name) && !slices.Contains(args, vendor+":"+name) {
			ts.Fatalf("%d calls of %s", v.methods[method], method)
		}
	}
}

// scriptFill replaces $NAMES in files by the script's variables: fill FILE…
func scriptFill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, []byte(os.Expand(string(text), ts.Getenv)), 0o600))
	}
}

// scriptEnvFrom sets a variable to a file's content: env.from NAME FILE
func scriptEnvFrom(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], ts.ReadFile(args[1]))
}

// scriptListen starts a server that answers 404 and remembers the Authorization headers it gets:
// listen VARIABLE
func scriptListen(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.heard[args[0]] = append(v.heard[args[0]], r.Header.Get("Authorization"))
		http.NotFound(w, r)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL+"/")
}

// scriptHeard checks what such a server was sent: heard VARIABLE LEAST [HEADER]. With 0 it was sent
// no request at all.
func scriptHeard(ts *testscript.TestScript, _ bool, args []string) {
	v := vendorsOf(ts)
	v.mu.Lock()
	defer v.mu.Unlock()
	heard, least, want := v.heard[args[0]], number(ts, args[1], 0), strings.Join(args[2:], " ")
	if len(heard) < least || least == 0 && len(heard) > 0 {
		ts.Fatalf("%d requests, want %d: %q", len(heard), least, heard)
	}
	for _, header := range heard {
		if header != want {
			ts.Fatalf("a request came with %q, want %q", header, want)
		}
	}
}

// leaks looks for every credential that the vendors gave out, or know of, in everything that a
// script's commands have written: both streams with their logs, snapshots, state, reports.
// Credential files that the script, or a sign-in, put in place are left out.
func (v *vendors) leaks() error {
	secrets := slices.Clone(v.secrets)
	if v.google != nil {
		secrets = append(secrets, v.google.Secrets()...)
	}
	if v.github != nil {
		secrets = append(secrets, v.github.Secrets()...)
	}
	return filepath.WalkDir(v.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"google", "github", "credentials", "secrets"}, entry.Name()) {
			return fs.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := readMaybeGzip(path)
		if err != nil {
			return err
		}
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) || bytes.Contains(text, quoted(secret)) {
				return fmt.Errorf("%s holds the credential %.12s…", path, secret)
			}
		}
		return nil
	})
}

// quoted is a text as it stands inside a JSON string.
func quoted(text string) []byte {
	escaped, _ := json.Marshal(text) // a string always encodes
	return bytes.Trim(escaped, `"`)
}

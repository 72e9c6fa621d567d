package googleworkspace

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2/google"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/testkit"
)

// Who is measured runs in a process of its own, and so does the service: this very program, told by
// a variable whom to play.
const (
	roleVariable = "GUESTLIST_BENCH_ROLE"
	roleService  = "service"
	rolePlain    = "plain-client"
	roleProvider = "provider"
)

// benchSetup is what a role is told on its standard input.
type benchSetup struct {
	Users    int    `json:"users"`
	URL      string `json:"url"`
	Key      []byte `json:"key"`
	StateDir string `json:"state_dir"`
}

// benchResult is what a role writes on its standard output when it is done.
type benchResult struct {
	Grants    int64  `json:"grants"`
	PeakBytes uint64 `json:"peak_bytes"`
}

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := play(role, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(role string, in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	line, err := input.ReadBytes('\n')
	if err != nil {
		return err
	}
	var setup benchSetup
	if err := json.Unmarshal(line, &setup); err != nil {
		return err
	}
	if role == roleService {
		return serveUntilClosed(setup, input, out)
	}
	read := map[string]func(context.Context, benchSetup) (int64, error){rolePlain: readPlainly,
		roleProvider: readWithProvider}[role]
	grants, err := read(context.Background(), setup)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(benchResult{grants, peakOf("self")})
}

// serveUntilClosed says where it serves, and ends with its input.
func serveUntilClosed(setup benchSetup, in io.Reader, out io.Writer) error {
	server, err := googlefake.New(benchOrganization(setup.Users), googlefake.Options{})
	if err != nil {
		return err
	}
	defer server.Close()
	setup.URL, setup.Key = server.URL(), server.ServiceAccountKey()
	if err := json.NewEncoder(out).Encode(setup); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func benchOrganization(users int) googlefake.Generated {
	return googlefake.Generated{Size: users, GrantsEach: 4}
}

// peakOf is the most resident memory that a process ("self", or its number) had, and 0 where the
// system does not say.
func peakOf(process string) uint64 {
	status, err := os.ReadFile("/proc/" + process + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _ := strconv.ParseUint(strings.Fields(rest + " 0")[0], 10, 64)
	return kilobytes << 10
}

// readPlainly is the floor: what a client has to do that asks for every user and every user's
// grants, decodes them, and counts them.
func readPlainly(ctx context.Context, setup benchSetup) (int64, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = api.DefaultWorkers
	c := &plainClient{ctx: ctx, http: &http.Client{Transport: transport}, root: setup.URL + "/" + pathUsers}
	if err := c.signIn(setup.Key); err != nil {
		return 0, err
	}
	group, _ := errgroup.WithContext(ctx)
	addresses := make(chan string)
	for range api.DefaultWorkers {
		group.Go(func() error { return c.readGrants(addresses) })
	}
	group.Go(func() error {
		defer close(addresses)
		return c.listUsers(addresses)
	})
	err := group.Wait()
	return c.grants.Load(), err
}

type plainClient struct {
	ctx            context.Context
	http           *http.Client
	root           string
	users, secured string // access tokens
	grants         atomic.Int64
}

func (c *plainClient) signIn(key []byte) error {
	for feature, token := range map[api.Feature]*string{api.Accounts: &c.users, api.Grants: &c.secured} {
		config, err := google.JWTConfigFromJSON(key, feature.Info().Scope)
		if err != nil {
			return err
		}
		config.Subject = googletest.GeneratedAdmin
		made, err := config.TokenSource(c.ctx).Token()
		if err != nil {
			return err
		}
		*token = made.AccessToken
	}
	return nil
}

func (c *plainClient) listUsers(addresses chan<- string) error {
	for next := ""; ; {
		query := url.Values{"customer": {"my_customer"}, "maxResults": {strconv.Itoa(usersPerPage)},
			"fields": {userFields}, "prettyPrint": {"false"}}
		if next != "" {
			query.Set("pageToken", next)
		}
		var page struct {
			Next  string `json:"nextPageToken"`
			Users []struct {
				Email string `json:"primaryEmail"`
			} `json:"users"`
		}
		if err := c.get(c.root+"?"+query.Encode(), c.users, &page); err != nil {
			return err
		}
		for _, user := range page.Users {
			addresses <- user.Email
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
}

func (c *plainClient) readGrants(addresses <-chan string) error {
	query := "/tokens?" + url.Values{"fields": {tokenFields}, "prettyPrint": {"false"}}.Encode()
	for address := range addresses {
		var answer struct {
			Items []struct {
				Client string   `json:"clientId"`
				Name   string   `json:"displayText"`
				Scopes []string `json:"scopes"`
			} `json:"items"`
		}
		if err := c.get(c.root+"/"+url.PathEscape(address)+query, c.secured, &answer); err != nil {
			return err
		}
		c.grants.Add(int64(len(answer.Items)))
	}
	return nil
}

func (c *plainClient) get(address, token string, into any) error {
	request, err := http.NewRequestWithContext(c.ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// readWithProvider is the whole provider, with its checkpoint on disk, and a sink that only counts.
func readWithProvider(ctx context.Context, setup benchSetup) (int64, error) {
	p, err := New(scanner.Env{Log: slog.New(slog.DiscardHandler)},
		Config{StateDir: setup.StateDir, Connection: api.Connection{
			Subject: googletest.GeneratedAdmin, Credential: api.Credential{KeyJSON: setup.Key}, Endpoint: setup.URL,
			Features: []api.Feature{api.Grants}, RatePerMinute: -1,
		}})
	if err != nil {
		return 0, err
	}
	sink := &testkit.Counter{}
	coverage, err := p.Collect(ctx, sink)
	for n := range coverage {
		if coverage[n].IsGap() {
			return 0, fmt.Errorf("a gap: %+v", coverage[n])
		}
	}
	return sink.Items.Load(), err
}

// BenchmarkFloor is an organization without latency or limit, served by another process, read in
// three ways by processes of their own: by a plain client, which is the floor; by the provider; and
// by the whole command, snapshot and report included, twice: the second scan is compared with the
// first. All of them make the same calls, eight at a time. Reported: each one's ratio to the plain
// client in wall time, processor time and resident memory, and its own figures.
// GUESTLIST_BENCH_LARGE takes 100,000 users in place of 20,000.
func BenchmarkFloor(b *testing.B) {
	users := 20_000
	if os.Getenv("GUESTLIST_BENCH_LARGE") != "" {
		users = 100_000
	}
	setup := startService(b, users)
	program := filepath.Join(b.TempDir(), "guestlist")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program,
		"guestlist/cmd/guestlist").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	for b.Loop() {
		floor := runRole(b, rolePlain, setup)
		floor.report(b, "plain", nil)
		setup.StateDir = b.TempDir()
		runRole(b, roleProvider, setup).report(b, "provider", &floor)
		home := b.TempDir()
		runScan(b, program, home, setup).report(b, "scan", &floor)
		runScan(b, program, home, setup).report(b, "rescan", &floor)
	}
}

// cost is what a process took.
type cost struct {
	wall, processor time.Duration
	peakBytes       uint64
}

func (c cost) report(b *testing.B, who string, floor *cost) {
	b.ReportMetric(c.wall.Seconds(), who+"-s")
	b.ReportMetric(c.processor.Seconds(), who+"-cpu-s")
	b.ReportMetric(float64(c.peakBytes)/(1<<20), who+"-MiB")
	if floor != nil {
		b.ReportMetric(c.wall.Seconds()/floor.wall.Seconds(), who+"-x-time")
		b.ReportMetric(c.processor.Seconds()/floor.processor.Seconds(), who+"-x-cpu")
		b.ReportMetric(float64(c.peakBytes)/float64(max(floor.peakBytes, 1)), who+"-x-memory")
	}
}

// startService starts the service in another process, which ends with the benchmark.
func startService(b *testing.B, users int) benchSetup {
	setup := benchSetup{Users: users}
	command, input := roleCommand(b, roleService, setup)
	closing, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		closing.Close()
		command.Wait()
		b.Logf("the service took %v of processor time", command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	})
	if _, err := closing.Write(input); err != nil {
		b.Fatal(err)
	}
	if err := json.NewDecoder(output).Decode(&setup); err != nil {
		b.Fatal(err)
	}
	return setup
}

func roleCommand(b *testing.B, role string, setup benchSetup) (command *exec.Cmd, input []byte) {
	input, err := json.Marshal(setup)
	if err != nil {
		b.Fatal(err)
	}
	command = exec.Command(os.Args[0])
	command.Env = append(os.Environ(), roleVariable+"="+role)
	command.Stderr = os.Stderr
	return command, append(input, '\n')
}

// runRole runs a process that reads the organization, and looks that it read everything.
func runRole(b *testing.B, role string, setup benchSetup) cost {
	command, input := roleCommand(b, role, setup)
	command.Stdin = bytes.NewReader(input)
	var output bytes.Buffer
	command.Stdout = &output
	took := testkit.Took(func() {
		if err := command.Run(); err != nil {
			b.Fatalf("%s: %v", role, err)
		}
	})
	var result benchResult
	if err := json.Unmarshal(output.Bytes(), &result); err != nil {
		b.Fatal(err)
	}
	if grants, _ := benchOrganization(setup.Users).Items(); result.Grants != int64(grants) {
		b.Fatalf("%s: %d grants, want %d", role, result.Grants, grants)
	}
	return cost{took, processorTime(command), result.PeakBytes}
}

// runScan runs the whole command as a cron job does, with everything that it keeps below dir, and
// looks for findings in a complete scan.
func runScan(b *testing.B, program, dir string, setup benchSetup) cost {
	const exitFindings = 3
	config := filepath.Join(dir, "guestlist.toml")
	testkit.WriteFile(b, config, fmt.Sprintf("version = 1\n[google_workspace]\nsubject = %q\nkey = { env = 'KEY' }\nfeatures = ['grants']\n"+
		"rate_per_minute = 1000000\nendpoint = %q\n", googletest.GeneratedAdmin, setup.URL))
	command := exec.Command(program, "scan", "google-workspace", "--config", config, "--quiet", "--output",
		"jsonl="+filepath.Join(dir, "report.jsonl"))
	command.Env = []string{"HOME=" + dir, "GUESTLIST_STATE_DIR=" + filepath.Join(dir, "state"), "KEY=" + string(setup.Key)}
	var text bytes.Buffer
	command.Stderr = &text
	var peak uint64
	took := testkit.Took(func() {
		if err := command.Start(); err != nil {
			b.Fatal(err)
		}
		stop := make(chan struct{})
		watched := watchPeak(command.Process.Pid, stop)
		err := command.Wait()
		close(stop)
		peak = <-watched
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != exitFindings {
			b.Fatalf("scan: %v\n%s", err, text.String())
		}
	})
	return cost{took, processorTime(command), peak}
}

func processorTime(command *exec.Cmd) time.Duration {
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime()
}

// watchPeak follows the most resident memory of a process until it is told to stop; 0 where the
// system does not say.
func watchPeak(pid int, stop <-chan struct{}) <-chan uint64 {
	result := make(chan uint64, 1)
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		most := uint64(0)
		for {
			select {
			case <-stop:
				result <- most
				return
			case <-ticker.C:
				most = max(most, peakOf(strconv.Itoa(pid)))
			}
		}
	}()
	return result
}

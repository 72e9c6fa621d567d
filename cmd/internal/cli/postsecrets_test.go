package cli

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"guestlist/scanner/notify"
)

// echo is a network whose services repeat everything that they were sent.
type echo struct {
	status int // 0: the connection fails, with an error that names the request
	asked  *sync.Map
}

func (e *echo) RoundTrip(request *http.Request) (*http.Response, error) {
	dump, err := httputil.DumpRequestOut(request, true)
	if err != nil {
		return nil, err
	}
	e.asked.Store(request.URL.Host, true)
	if e.status == 0 {
		return nil, fmt.Errorf("connecting for %s: %s", request.URL, dump)
	}
	header := http.Header{"Location": {request.URL.String()}, "X-Echo": {request.Header.Get("Authorization")},
		"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: e.status, Status: fmt.Sprintf("%d %s", e.status, request.URL), Header: header,
		Body: io.NopCloser(bytes.NewReader(dump)), Request: request}, nil
}

// echoServer is a mail server, or a log server, that repeats what it is sent in its refusals.
func echoServer(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				io.WriteString(connection, "220 echo.example ESMTP\r\n")
				for lines := bufio.NewScanner(connection); lines.Scan(); {
					switch line := lines.Text(); {
					case strings.HasPrefix(line, "EHLO"):
						io.WriteString(connection, "250-echo.example\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250 8BITMIME\r\n")
					case strings.HasPrefix(line, "AUTH LOGIN"):
						io.WriteString(connection, "334 VXNlcm5hbWU6\r\n")
					default:
						fmt.Fprintf(connection, "535 5.7.8 you said %s\r\n", line)
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// secretChannels is a configuration with a channel of every kind that has every secret, and the
// secrets by the variables that hold them.
func secretChannels(t *testing.T, server string) (config string, secrets map[string]string) {
	secrets = map[string]string{"COMMAND_TOKEN": "placeholder-command-token-9"}
	texts := map[string]string{
		"server": fmt.Sprintf("%q", server), "tls": `"none"`, "to": `["it@acme.example"]`, "from": `"guestlist@acme.example"`,
		"username": `"guestlist"`, "path": `"digest.json"`, "environment": `["COMMAND_TOKEN"]`,
		"command": `["sh", "-c", "cat >&2; echo the token is $COMMAND_TOKEN >&2; exit 1"]`,
	}
	config = "version = 1\n"
	for n, kind := range notify.Kinds {
		config += fmt.Sprintf("[[post]]\nname = \"channel-%d\"\nkind = %q\nwhen = \"always\"\n", n, kind.Name)
		for _, key := range kind.Keys {
			variable := fmt.Sprintf("SECRET_%d_%s", n, strings.ToUpper(key.Name))
			value, isText := texts[key.Name], true
			switch {
			case key.Type == notify.SecretKey && kind.Name == "syslog": // a key in PEM, for TLS alone
				continue
			case key.Type == notify.SecretKey:
				secrets[variable] = "placeholder-" + strings.ToLower(variable)
				if key.Name == "url" {
					secrets[variable] = fmt.Sprintf("https://chat%d.example/hooks/placeholder-path-%d?token=placeholder-query-%d", n, n, n)
				} else if strings.HasSuffix(key.Name, "secret") {
					secrets[variable] = "whsec_" + base64.StdEncoding.EncodeToString([]byte("placeholder key number "+variable))
				}
				config += fmt.Sprintf("%s = { env = %q }\n", key.Name, variable)
				continue
			case key.Name == "from" && kind.Name != "email":
				value = `"info"`
			case value == "" && key.Required:
				value = key.Example
			default:
				isText = value != ""
			}
			if isText {
				config += key.Name + " = " + value + "\n"
			}
		}
	}
	secrets["BEAT"] = "https://beat.example/placeholder-beat"
	return config + "[heartbeat]\nurl = { env = \"BEAT\" }\nstyle = \"healthchecks\"\n", secrets
}

// forms are what of a secret must appear nowhere: a URL but for its host, and what a protocol makes
// of it.
func forms(secrets map[string]string) []string {
	var all []string
	for _, secret := range secrets {
		if rest, isURL := strings.CutPrefix(secret, "https://"); isURL {
			_, path, _ := strings.Cut(rest, "/")
			path, query, _ := strings.Cut(path, "?token=")
			all = append(all, path[strings.LastIndexByte(path, '/')+1:])
			if query != "" {
				all = append(all, query)
			}
			continue
		}
		all = append(all, secret, base64.StdEncoding.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte("\x00guestlist\x00"+secret)))
	}
	return all
}

// Whatever a service answers, and whatever a person asks for, no secret of a channel is in a stream,
// a log, the outbox or another file.
func TestNoSecretOfAnyChannelIsInAnythingThatIsWritten(t *testing.T) {
	t.Parallel()
	asked := &sync.Map{}
	for _, status := range []int{0, http.StatusOK, http.StatusFound, http.StatusBadRequest, http.StatusForbidden,
		http.StatusTooManyRequests, http.StatusInternalServerError} {
		config, secrets := secretChannels(t, echoServer(t))
		job := newCronJob(t, config)
		job.transport, job.secrets = &echo{status, asked}, secrets
		job.install("Acme Tabs")
		var output strings.Builder
		for _, args := range [][]string{
			{"scan", "--post", "--debug", "--output", "json=report.json"}, {"post", "--debug"}, {"post", "--test", "--debug"},
			{"post", "--test", "--debug", "--log-format", "json"}, {"doctor", "--debug"}, {"post", "--dry-run"},
			{"scan", "--post", "--debug"}, {"scan", "--post", "--debug", "--allowlist", "missing.toml"},
		} {
			if args[len(args)-1] == "json=report.json" {
				args[len(args)-1] = "json=" + filepath.Join(job.dir, "report.json")
			}
			_, text := job.run(args...)
			output.WriteString(text)
			job.clock.Move(time.Hour)
		}
		written := map[string][]byte{"the output": []byte(output.String())}
		err := filepath.WalkDir(job.dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				written[path], err = readMaybeGzip(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range forms(secrets) {
			for place, text := range written {
				if at := bytes.Index(text, []byte(form)); at >= 0 {
					t.Errorf("%d: %s holds %q: …%s…", status, place, form, text[max(0, at-150):min(len(text), at+len(form)+50)])
				}
			}
		}
		if strings.Count(output.String(), "error: posting to channel-") < len(notify.Kinds) {
			t.Errorf("%d: too few failures for a test of what they say:\n%s", status, output.String())
		}
	}
	for n, kind := range notify.Kinds {
		host := fmt.Sprintf("chat%d.example", n)
		_, wasAsked := asked.Load(host)
		if _, hasURL := findKey(kind, "url"); hasURL && !wasAsked {
			t.Errorf("%s was never asked", kind.Name)
		}
	}
}

func findKey(kind *notify.Kind, name string) (notify.Key, bool) {
	for _, key := range kind.Keys {
		if key.Name == name && key.Type == notify.SecretKey {
			return key, true
		}
	}
	return notify.Key{}, false
}

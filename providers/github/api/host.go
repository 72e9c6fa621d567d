package api

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// DefaultHost is GitHub's own host.
const DefaultHost = "github.com"

// Host is one GitHub: github.com, a data-residency host, or an Enterprise Server.
type Host struct {
	Name string // as written in sources
	Web  string // base URL of pages, with a trailing slash
	api  string // base URL, with a trailing slash
	kind hostKind
}

type hostKind int

const (
	hostPublic hostKind = iota
	hostResidency
	hostServer
)

var validHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)

// NewHost returns the host with a given name; empty means DefaultHost. The base URL, if given, is
// that of its API.
func NewHost(called, baseURL string) (Host, error) {
	name := strings.ToLower(strings.TrimSpace(called))
	if name == "" || name == "api.github.com" || name == "www.github.com" {
		name = DefaultHost
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "https://"), "/")
	if !validHost.MatchString(name) {
		return Host{}, fmt.Errorf("reading the GitHub host %q: not a host name (github.com, ghe.acme.example)", called)
	}
	h := Host{Name: name, Web: "https://" + name + "/"}
	switch {
	case name == DefaultHost:
		h.api = "https://api.github.com/"
	case strings.HasSuffix(name, ".ghe.com"):
		name = strings.TrimPrefix(name, "api.")
		h = Host{Name: name, Web: "https://" + name + "/", api: "https://api." + name + "/", kind: hostResidency}
	default:
		h.api, h.kind = "https://"+name+"/api/v3/", hostServer
	}
	if baseURL != "" {
		base, err := url.Parse(baseURL)
		if err != nil || base.Host == "" {
			return Host{}, fmt.Errorf("reading the API's base URL %q: not a URL", baseURL)
		}
		h.api = strings.TrimSuffix(baseURL, "/") + "/"
	}
	return h, nil
}

// IsPublic reports whether it is github.com.
func (h Host) IsPublic() bool { return h.kind == hostPublic }

// IsServer reports whether it is an Enterprise Server.
func (h Host) IsServer() bool { return h.kind == hostServer }

// Page returns the full address of a page; {org} in path is replaced by the name of an organization
// or enterprise.
func (h Host) Page(path, org string) string { return h.Web + strings.ReplaceAll(path, "{org}", org) }

// The versions of the API. Enterprise Server supports the newer one only from 3.21 on and refuses
// versions it does not know. For what is read here, both are the same.
const (
	versionHeader = "X-GitHub-Api-Version"
	cloudVersion  = "2026-03-10"
	serverVersion = "2022-11-28"
)

func (h Host) version() string {
	if h.IsServer() {
		return serverVersion
	}
	return cloudVersion
}

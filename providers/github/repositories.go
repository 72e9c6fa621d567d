package github

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// repositoryRecord is the part of a repository that is used here.
type repositoryRecord struct {
	ID          lenient.Number  `json:"id"`
	Name        lenient.Text    `json:"name"`
	Owner       lenient.Account `json:"owner"`
	Permissions struct {
		Admin lenient.Answer `json:"admin"`
	} `json:"permissions"`
}

// repositoryScan reads keys and webhooks of all repositories.
type repositoryScan struct {
	*organizationScan
	parts []repositoryPart

	mu       sync.Mutex
	read     int
	expected int
	unadmin  int
	failed   int // repositories with a fault; the first few have a coverage of their own
	granted  bool
}

// repositoryPart is one list that is read for every repository.
type repositoryPart struct {
	spec    *spec
	list    string // the last part of its path
	item    func(jsontext.Value, *[]inventory.Untrusted, inventory.Source, string) error
	refused *api.Fault // the credential certainly may not read it in any repository
}

// maxRepositoryFaults is how many repositories that could not be read have a coverage of their own.
// The others are counted.
const maxRepositoryFaults = 20

// repositories reads deploy keys and webhooks, if the configuration asks for them. Its error ends
// the scan.
func (o *organizationScan) repositories(ctx context.Context) error {
	if !o.provider.config.DeepRepositories {
		return nil
	}
	scan := &repositoryScan{organizationScan: o}
	scan.parts = []repositoryPart{
		{spec: &specKeys, list: "keys", item: scan.keys, refused: o.about(&specKeys).Ungranted()},
		{spec: &specRepositoryHooks, list: "hooks", item: scan.repositoryHooks,
			refused: o.about(&specRepositoryHooks).Ungranted()},
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(o.provider.config.AtOnce())
	page := func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return api.Each(entries, faults, func(repository *repositoryRecord) error {
			name := string(repository.Name)
			switch {
			case !isRepositoryName(name):
				return api.Skip("a repository came without a name that can be asked for")
			case !o.isOurs(&repository.Owner):
				return api.Skip("a repository is not of this organization")
			}
			scan.expected++
			if repository.Permissions.Admin.Is(false) && o.session.Kind != api.KindInstallation {
				scan.mu.Lock()
				scan.unadmin++
				scan.mu.Unlock()
				return nil
			}
			group.Go(guard.Go(func() error { return scan.one(inner, name) }))
			return inner.Err()
		})
	}
	all := api.List{Query: url.Values{"type": {"all"}}, NonEmpty: o.record.hasRepositories()}
	coverage, err := o.gather(ctx, &specRepositories, all, page)
	if waited := group.Wait(); waited != nil {
		return scanError(ctx, waited)
	}
	if err != nil {
		return err
	}
	o.cover(scan.finish(coverage))
	return nil
}

// repositoryName is what GitHub allows; "." and ".." are not names and would lead elsewhere in a
// path.
var repositoryName = bounded{100, regexp.MustCompile(`^[A-Za-z0-9._-]+$`)}

func isRepositoryName(name string) bool {
	return repositoryName.MatchString(name) && strings.Trim(name, ".") != ""
}

// one reads one repository. A refusal here concerns only this repository: a list may begin with
// some that no one can read, such as the temporary forks of security advisories.
func (r *repositoryScan) one(ctx context.Context, name string) error {
	source := r.source(&specRepositories, name)
	whole := true
	var first *api.Fault
	var faults []inventory.Untrusted
	for _, part := range r.parts {
		if part.refused != nil {
			whole = false
			continue
		}
		path := "repos/" + url.PathEscape(r.login) + "/" + url.PathEscape(name) + "/" + part.list
		_, err := r.session.Walk(ctx, api.List{Path: path}, func(entries []jsontext.Value) error {
			for _, entry := range entries {
				if err := part.item(entry, &faults, source, name); err != nil {
					return err
				}
			}
			return nil
		})
		switch {
		case err == nil:
			r.mu.Lock()
			r.granted = true
			r.mu.Unlock()
		case endsScan(ctx, err):
			return err
		default:
			whole = false
			if first == nil {
				first = r.explain(err, part.spec)
			}
		}
	}
	r.note(source, whole && len(faults) == 0, first, faults)
	return nil
}

// note records how reading one repository went.
func (r *repositoryScan) note(source inventory.Source, whole bool, failed *api.Fault, faults []inventory.Untrusted) {
	r.mu.Lock()
	if whole {
		r.read++
	}
	isFaulty := failed != nil || len(faults) > 0
	if isFaulty {
		r.failed++
	}
	hasOwn := isFaulty && r.failed <= maxRepositoryFaults
	r.mu.Unlock()
	if hasOwn {
		r.coverFault(source, failed, faults)
	}
}

// finish adds to the list's coverage how reading its repositories went.
func (r *repositoryScan) finish(coverage inventory.Coverage) inventory.Coverage {
	coverage.Read, coverage.Expected = r.read, r.expected
	note := func(reason, remedy inventory.Untrusted) {
		if coverage.Status == inventory.StatusComplete {
			coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, reason, remedy
		} else {
			coverage.Details = append(coverage.Details, reason)
		}
	}
	for _, part := range r.parts {
		if part.refused != nil && r.expected > r.unadmin {
			note(part.refused.Reason, part.refused.Remedy)
		}
	}
	if r.unadmin > 0 {
		note(inventory.Textf("%d repositories show their keys and webhooks to their administrators only", r.unadmin),
			inventory.Untrusted("sign in as an owner of "+r.login+", or as a GitHub App"))
	}
	if r.session.Selection == "selected" {
		failed := r.selectedOnly()
		note(failed.Reason, failed.Remedy)
	}
	if r.failed > 0 {
		note(inventory.Textf("%d of %d repositories could not be read in full", r.failed, r.expected), "")
	}
	if coverage.Status == inventory.StatusPartial && r.read == 0 && r.expected > 0 && !r.granted {
		coverage.Status = inventory.StatusNotObservable
	}
	return coverage
}

// selectedOnly is the fault for a GitHub App that was not given every repository.
func (o *organizationScan) selectedOnly() *api.Fault {
	page := o.provider.pageFor(&specInstallations, o.login)
	return &api.Fault{Kind: api.FaultDenied, Page: page,
		Reason: "the GitHub App is installed on selected repositories only",
		Remedy: inventory.Untrusted("choose all repositories at " + page)}
}

func (r *repositoryScan) repositoryHooks(entry jsontext.Value, faults *[]inventory.Untrusted, source inventory.Source,
	name string) error {
	return api.Each([]jsontext.Value{entry}, faults, func(h *hook) error {
		item, err := r.hookItem(h, source)
		if err != nil {
			return err
		}
		item.Holder = r.holderOf(name)
		item.Access.Repositories = inventory.Untrusted(r.login + "/" + name)
		item.App.URL = inventory.Untrusted(r.provider.client.Host.Web + r.login + "/" + name + "/settings/hooks/" +
			formatID(h.ID))
		return r.addItem(item)
	})
}

func (r *repositoryScan) holderOf(name string) inventory.Holder {
	return inventory.Holder{Organization: inventory.Untrusted(r.login), Repository: inventory.Untrusted(name)}
}

package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"guestlist/providers/github/api"
	"guestlist/scanner/inventory"
)

// reach finds out which repositories selected installations reach, if the credential may see it.
type reach struct {
	scan   *organizationScan
	denied *api.Fault
	toAll  bool // the refusal is about the credential, so asking about others is useless
	needed int
	named  int
}

// of adds the names of a selected installation's repositories to its item.
func (r *reach) of(ctx context.Context, i *installation, item *inventory.Item) error {
	if item.Access.Repositories != "selected" {
		return nil
	}
	r.needed++
	s, path, envelope := r.question(i)
	if s == nil || r.toAll {
		return nil
	}
	var names []string
	err := api.Whole(ctx, s, api.List{Path: path, Envelope: envelope}, func(repository *repositoryRecord) error {
		if repository.Name == "" {
			return api.Skip("a repository came without its name")
		}
		names = append(names, string(repository.Name))
		return nil
	})
	if err != nil {
		if endsScan(ctx, err) {
			return scanError(ctx, err)
		}
		r.denied = s.About(&specInstallations.Need, r.scan.login).Explain(err)
		r.toAll = r.denied.ToAll
		return nil
	}
	r.named++
	slices.Sort(names)
	setFact(item, "repositories", strings.Join(names, ", "))
	setFact(item, "repositories_count", strconv.Itoa(len(names)))
	return nil
}

// question returns whose session to use for an installation's repositories: the enterprise's app,
// or a person who owns the organization.
func (r *reach) question(i *installation) (s *api.Session, path, envelope string) {
	if enterprise := r.scan.enterprise; enterprise != nil {
		return enterprise, fmt.Sprintf("enterprises/%s/apps/organizations/%s/installations/%d/repositories",
			url.PathEscape(r.scan.provider.config.Enterprise), url.PathEscape(r.scan.login), i.ID), ""
	}
	if kind := r.scan.session.Kind; kind == api.KindClassic || kind == api.KindUserToServer || kind == api.KindUnknown {
		return r.scan.session, fmt.Sprintf("user/installations/%d/repositories", i.ID), "repositories"
	}
	return nil, "", ""
}

// cover reports repository names that are unknown, if any are.
func (r *reach) cover() {
	if r.needed == 0 {
		return
	}
	coverage := inventory.Coverage{
		Source: r.scan.provider.source(r.scan.name, "installation-repositories"), Status: inventory.StatusComplete,
		Read: r.named, Expected: r.needed,
	}
	if r.named < r.needed {
		coverage.Status, coverage.Unobservable = inventory.StatusNotObservable, true
		if r.named > 0 {
			coverage.Status = inventory.StatusPartial
		}
		coverage.Reason = "this credential cannot see which repositories were selected for other apps"
		coverage.Remedy = inventory.Untrusted("open " + r.scan.provider.pageFor(&specInstallations, r.scan.login) +
			", or use a GitHub App installed on the enterprise")
		if r.denied != nil {
			coverage.Details = []inventory.Untrusted{r.denied.Reason}
		}
	}
	r.scan.cover(coverage)
}

package github

import (
	"context"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// roster is who belongs to an organization.
type roster struct {
	logins map[string]lenient.Number // IDs by login in lower case: members and outside collaborators
	// members, outside: the list was read whole. If both were, a login that is in neither has left.
	members, outside bool
}

// hasLeft reports whether a login certainly no longer belongs to an account of the organization.
func (r *roster) hasLeft(login string) bool {
	return login != "" && r.members && r.outside && r.id(lenient.Text(login)) == 0
}

func (r *roster) add(login lenient.Text, id lenient.Number) {
	if r.logins == nil {
		r.logins = map[string]lenient.Number{}
	}
	r.logins[strings.ToLower(string(login))] = id
}

// id is the ID of an account that belongs to the organization, or 0 for any other.
func (r *roster) id(login lenient.Text) lenient.Number {
	return r.logins[strings.ToLower(string(login))]
}

// posture is what GitHub's filters say about second factors: IDs of accounts, or unknown.
type posture struct {
	off, weak           map[lenient.Number]bool
	knowsOff, knowsWeak bool
	failed              *api.Fault // why something is unknown
}

// members reads who is a member, with role and second factor. Its error ends the scan.
func (o *organizationScan) members(ctx context.Context) error {
	admins, adminFault, err := o.ids(ctx, &specMembers, url.Values{"role": {"admin"}}, true)
	if err != nil {
		return err
	}
	return o.accounts(ctx, &specMembers, func(a *lenient.Account, out *inventory.Account) {
		out.Admin = inventory.Unknown
		if adminFault == nil {
			out.Admin = answerOf(admins[a.ID])
		}
	}, admins, adminFault, &o.roster.members)
}

// outside reads who has access without being a member. Its error ends the scan.
func (o *organizationScan) outside(ctx context.Context) error {
	return o.accounts(ctx, &specOutside, func(_ *lenient.Account, out *inventory.Account) {
		out.Guest, out.Admin = inventory.Yes, inventory.No
	}, nil, nil, &o.roster.outside)
}

// accounts reads one list of accounts with their second factors. Admins are the accounts with a
// role, and roleFault is why that is unknown, or nil; complete is set to whether every account is
// now in the roster.
func (o *organizationScan) accounts(ctx context.Context, source *spec,
	role func(*lenient.Account, *inventory.Account), admins map[lenient.Number]bool,
	roleFault *api.Fault, complete *bool,
) error {
	factors, err := o.posture(ctx, source)
	if err != nil {
		return err
	}
	listed := map[lenient.Number]bool{}
	// An organization has an owner, so it has a member.
	coverage, err := o.gather(ctx, source, api.List{NonEmpty: source == &specMembers},
		func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
			return api.Each(entries, faults, func(a *lenient.Account) error {
				if a.ID == 0 || a.Login == "" {
					return api.Skip("an account came without its ID or login")
				}
				o.roster.add(a.Login, a.ID)
				listed[a.ID] = true
				out := inventory.Account{
					Source: o.source(source), ID: inventory.Untrusted(formatID(a.ID)), Login: inventory.Untrusted(a.Login),
					TwoFactor: inventory.Unknown, TwoFactorWeak: inventory.Unknown,
					TwoFactorEnforced: inventory.AnswerOf(o.record.TwoFactorRequired.Value),
				}
				role(a, &out)
				factors.judge(a.ID, &out)
				return o.addAccount(&out)
			})
		})
	if err != nil {
		return err
	}
	if lost := missing(listed, admins, factors.off, factors.weak); coverage.Status == inventory.StatusComplete &&
		lost > 0 {
		coverage.Status, coverage.Remedy = inventory.StatusPartial, api.RemedyForGaps
		coverage.Reason = inventory.Textf("some of it may be missing: GitHub names %d accounts by role or second "+
			"factor that its list does not hold", lost)
	}
	*complete = coverage.Status == inventory.StatusComplete
	coverage.AllListed = *complete && (roleFault != nil || factors.failed != nil)
	if *complete && roleFault != nil {
		coverage.Status, coverage.Remedy = inventory.StatusPartial, roleFault.Remedy
		coverage.Reason = "GitHub did not say who is an owner: " + roleFault.Reason
	}
	if *complete && factors.failed != nil {
		coverage.Status, coverage.Remedy = inventory.StatusPartial, factors.failed.Remedy
		coverage.Reason = "GitHub did not say who has a second factor: " + factors.failed.Reason
	}
	if *complete && !factors.knowsOff && !o.about(&specMembers).SurelyHolds() {
		// To others GitHub lists only the public members, without saying that there are more.
		*complete, coverage.AllListed = false, false
		coverage.Status, coverage.Remedy = inventory.StatusPartial, o.about(source).OwnerRemedy()
		coverage.Reason = "the credential may see public members only, and GitHub does not say whether there are others"
	}
	o.cover(coverage)
	return nil
}

// missing counts the accounts that are in one of parts but not in all, which should contain them.
func missing(all map[lenient.Number]bool, parts ...map[lenient.Number]bool) int {
	lost := map[lenient.Number]bool{}
	for _, part := range parts {
		for id := range part {
			if !all[id] {
				lost[id] = true
			}
		}
	}
	return len(lost)
}

// judge records what is known about an account's second factor.
func (f *posture) judge(id lenient.Number, out *inventory.Account) {
	if f.knowsOff {
		out.TwoFactor = answerOf(!f.off[id])
	}
	switch {
	case out.TwoFactor == inventory.No:
		out.TwoFactorWeak = inventory.No
	case f.knowsWeak:
		out.TwoFactorWeak = answerOf(f.weak[id])
	}
}

// posture reads GitHub's two lists about second factors.
func (o *organizationScan) posture(ctx context.Context, source *spec) (*posture, error) {
	result := &posture{}
	var failed *api.Fault
	var err error
	if result.off, failed, err = o.ids(ctx, source, url.Values{"filter": {"2fa_disabled"}}, false); err != nil {
		return nil, err
	}
	if result.knowsOff = failed == nil; !result.knowsOff {
		result.failed = failed
		return result, nil
	}
	if result.weak, failed, err = o.ids(ctx, source, url.Values{"filter": {"2fa_insecure"}}, false); err != nil {
		return nil, err
	}
	// An older Enterprise Server does not know this filter; then only the strength is unknown.
	result.knowsWeak = failed == nil
	if failed != nil && !o.provider.client.Host.IsServer() {
		result.failed = failed
	}
	return result, nil
}

// ids reads the IDs of a filtered list. The error ends the scan; the fault says why the list is not
// known.
func (o *organizationScan) ids(ctx context.Context, source *spec, filter url.Values,
	nonEmpty bool,
) (map[lenient.Number]bool, *api.Fault, error) {
	ids := map[lenient.Number]bool{}
	l := api.List{Path: source.pathFor(url.PathEscape(o.login)), Query: filter, NonEmpty: nonEmpty}
	err := api.Whole(ctx, o.session, l, func(a *lenient.Account) error {
		if a.ID == 0 {
			return api.Skip("an account came without its ID")
		}
		ids[a.ID] = true
		return nil
	})
	switch {
	case err == nil:
		return ids, nil, nil
	case endsScan(ctx, err):
		return nil, nil, scanError(ctx, err)
	}
	return nil, o.about(source).Explain(err), nil
}

func answerOf(yes bool) inventory.Answer { return inventory.AnswerOf(&yes) }

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func newAllowCompare(env *Env) *cobra.Command {
	var options policyOptions
	var file, output string
	cmd := &cobra.Command{
		Use:   "compare [TARGET]",
		Short: "Compare the policy in force on this machine with the allowlist",
		Long: `compare reads the policy that is in force, or a policy file that --policy names, and reports
the difference to the allowlist, both ways: what is permitted and not approved, approved
and not permitted, wider or narrower than approved, and required and not installed.

Without a target it compares every browser that has a policy here. For google, --policy
names the CSV of configured apps that the Admin console downloads; for github-actions, what
gh api /orgs/ORG/actions/permissions/selected-actions prints.

It exits with 3 if there are differences, and with 4 if there is no policy to compare or one
could not be read.`,
		Example: `  guestlist allow compare
  guestlist allow compare firefox --output json
  guestlist allow compare google --policy configured-apps.csv`,
		Args:              between(0, 1, "one target"),
		ValidArgsFunction: targetWords().completeFirst,
		RunE: func(_ *cobra.Command, args []string) error {
			return env.allowCompare(strings.Join(args, ""), file, output, options)
		},
	}
	options.addFlags(cmd)
	cmd.Flags().StringVar(&file, "policy", "", "compare the policy in `FILE` instead of the one in force")
	cmd.Flags().StringVar(&output, "output", "table", "write it as `FORMAT[=PATH]`: "+strings.Join(compareWords().words, ", "))
	cmd.RegisterFlagCompletionFunc("output", compareWords().complete) // the flag is there
	return cmd
}

func compareWords() vocabulary {
	words := vocabulary{one: "a format of allow compare", all: "formats", others: map[string]string{"text": "table", "plain": "table"}}
	for _, format := range report.ComparedFormats {
		words.words, words.about = append(words.words, format.Name), append(words.about, format.About)
	}
	return words
}

func (env *Env) allowCompare(name, file, output string, o policyOptions) error {
	format, path, err := splitOutput(output, compareWords())
	if err != nil {
		return err
	}
	if name == "" && file != "" {
		return usageError(errors.New("--policy needs a target, whose policy the file is"), "guestlist allow compare chrome --policy FILE")
	}
	if target := enforce.TargetNamed(name); target != nil && !target.IsBrowser() && file == "" {
		return usageError(fmt.Errorf("the policy of %s is not on this machine", target.Title),
			fmt.Sprintf("guestlist allow compare %s --policy FILE", target.Name))
	}
	compared, err := env.compare(name, file, o)
	if err != nil {
		return err
	}
	if err := env.writeCompared(compared, format, path); err != nil {
		return runError(fmt.Errorf("writing to %s: %w", orStdout(path), withoutPath(err)))
	}
	if compared.ExitCode != report.ExitClean {
		return reported(compared.ExitCode)
	}
	return nil
}

// compare compares the policies of a target, or of every browser, with the allowlist.
func (env *Env) compare(name, file string, o policyOptions) (*report.Compared, error) {
	targets, err := comparedTargets(name)
	if err != nil {
		return nil, err
	}
	options, list, err := env.wantedPolicy(o)
	if err != nil {
		return nil, err
	}
	var policies []report.ComparedPolicy
	var unread []report.UnreadPolicy
	for _, target := range targets {
		found, err := env.comparePolicies(target, options, list, file)
		switch {
		case err == nil:
			policies = append(policies, found...)
		case file != "":
			return nil, namedFile{"--policy", file}.fault(err)
		case !errors.Is(err, errNoPolicy) || name != "":
			env.warn("%s: %v", target.Title, err)
			unread = append(unread, report.UnreadPolicy{Target: target.Name, Reason: inventory.Textf("%v", err)})
		}
	}
	return report.NewCompared(version(), report.NewAllowlistRef(list, options.At), policies, unread), nil
}

// comparedTargets returns the target of a name, or every browser.
func comparedTargets(name string) ([]*enforce.Target, error) {
	if name != "" {
		return []*enforce.Target{enforce.TargetNamed(name)}, targetWords().check("", name)
	}
	return slices.DeleteFunc(slices.Clone(enforce.Targets()), func(t *enforce.Target) bool { return !t.IsBrowser() }), nil
}

func (env *Env) writeCompared(compared *report.Compared, name, path string) error {
	for _, format := range report.ComparedFormats {
		if format.Name != name {
			continue
		}
		write := func(w io.Writer) error { return format.Write(w, compared) }
		if path != "" {
			return env.writeFile(path, write)
		}
		return write(env.Stdout)
	}
	return nil
}

// comparePolicies compares a named file, or every policy of the browser that is in force here.
func (env *Env) comparePolicies(target *enforce.Target, options enforce.Options, list *allowlist.List, file string) ([]report.ComparedPolicy, error) {
	var inForce []policyInForce
	if file == "" {
		var err error
		if inForce, err = env.policiesInForce(target); err != nil {
			return nil, err
		}
	} else {
		policy, err := readPolicyFile(target, file)
		if err != nil {
			return nil, err
		}
		inForce = []policyInForce{{places: []inventory.Untrusted{inventory.Untrusted(file)}, policy: policy}}
	}
	var compared []report.ComparedPolicy
	for _, each := range inForce {
		compared = append(compared, report.ComparedPolicy{
			Target: target.Name, Title: target.Title, Places: each.places,
			Differences: append([]enforce.Difference{}, enforce.Compare(list, target, options, each.policy)...),
			Remarks:     append([]inventory.Untrusted{}, each.policy.Remarks...),
		})
	}
	return compared, nil
}

func readPolicyFile(target *enforce.Target, path string) (*enforce.Policy, error) {
	data, err := readLimited(path, enforce.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	return enforce.Read(target, data)
}

// errNoPolicy is the error for a browser without a policy on this machine.
var errNoPolicy = fmt.Errorf("it has no policy on this machine: %w", fs.ErrNotExist)

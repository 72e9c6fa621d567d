package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// compareVersion is the version of the JSON that allow compare writes.
const compareVersion = "1.0"

// comparison is a policy, and how it differs from the allowlist.
type comparison struct {
	Target      string                `json:"target"`
	Policy      []inventory.Untrusted `json:"policy"` // the files or keys that it was read from
	Differences []enforce.Difference  `json:"differences"`
	Remarks     []inventory.Untrusted `json:"remarks"` // parts that the browser ignores, or that were not compared
	title       string
}

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
	cmd.Flags().StringVar(&output, "output", "table", "report as `FORMAT`: table or json")
	return cmd
}

func compareFormats() vocabulary {
	return vocabulary{one: "a format of this command", all: "formats", words: []string{"table", "json"}}
}

func (env *Env) allowCompare(name, file, output string, o policyOptions) error {
	if err := compareFormats().check("--output: ", output); err != nil {
		return err
	}
	if name == "" && file != "" {
		return usageError(errors.New("--policy needs a target, whose policy the file is"), "guestlist allow compare chrome --policy FILE")
	}
	if target := enforce.TargetNamed(name); target != nil && !target.IsBrowser() && file == "" {
		return usageError(fmt.Errorf("the policy of %s is not on this machine", target.Title),
			fmt.Sprintf("guestlist allow compare %s --policy FILE", target.Name))
	}
	targets := []string{name}
	if name == "" {
		targets = browserTargets()
	}
	var compared []comparison
	failed := false
	for _, each := range targets {
		target, options, list, err := env.wantedPolicy(each, o)
		if err != nil {
			return err
		}
		found, err := env.comparePolicies(target, options, list, file)
		switch {
		case file != "" && err != nil:
			return namedFile{"--policy", file}.fault(err)
		case errors.Is(err, errNoPolicy) && name == "":
			continue
		case err != nil:
			env.warn("%s: %v", target.Title, err)
			failed = true
			continue
		}
		compared = append(compared, found...)
	}
	if err := env.writeComparisons(compared, output); err != nil {
		return runError(fmt.Errorf("writing: %w", err))
	}
	return comparedCode(compared, failed)
}

func browserTargets() []string {
	var names []string
	for _, target := range enforce.Targets() {
		if target.IsBrowser() {
			names = append(names, target.Name)
		}
	}
	return names
}

func comparedCode(compared []comparison, failed bool) error {
	switch {
	case failed || len(compared) == 0:
		return reported(report.ExitIncomplete)
	case slices.ContainsFunc(compared, func(c comparison) bool { return len(c.Differences) > 0 }):
		return reported(report.ExitFindings)
	}
	return nil
}

// comparePolicies compares a named file, or every policy of the browser that is in force here.
func (env *Env) comparePolicies(target *enforce.Target, options enforce.Options, list *allowlist.List, file string) ([]comparison, error) {
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
	var compared []comparison
	for _, each := range inForce {
		compared = append(compared, comparison{
			Target: target.Name, title: target.Title, Policy: each.places,
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

func (env *Env) writeComparisons(compared []comparison, output string) error {
	if output == "json" {
		return json.MarshalWrite(env.Stdout, map[string]any{"schema_version": compareVersion, "policies": append([]comparison{}, compared...)},
			json.Deterministic(true), jsontext.WithIndent("  "))
	}
	if len(compared) == 0 {
		_, err := io.WriteString(env.Stdout, "No policy for extensions was found to compare.\n")
		return err
	}
	var text strings.Builder
	for n, each := range compared {
		if n > 0 {
			text.WriteString("\n")
		}
		each.write(&text)
	}
	_, err := io.WriteString(env.Stdout, text.String())
	return err
}

func (c *comparison) write(text *strings.Builder) {
	verdict := counted(len(c.Differences), "difference", "differences") + " to the allowlist"
	if len(c.Differences) == 0 {
		verdict = "as the allowlist says"
	}
	fmt.Fprintf(text, "%s: %s\n", c.title, verdict)
	for _, place := range c.Policy {
		fmt.Fprintf(text, "  read from %s\n", place)
	}
	for _, each := range c.Differences {
		fmt.Fprintf(text, "  %-13s  %s\n", each.Sort, subjectOf(each))
		fmt.Fprintf(text, "  %13s  %s\n", "", each.Text)
	}
	for _, remark := range c.Remarks {
		fmt.Fprintf(text, "  note: %s\n", remark)
	}
}

func subjectOf(d enforce.Difference) string {
	switch {
	case d.ID == "":
		return "everything else"
	case d.Name == "":
		return d.ID.String()
	}
	return fmt.Sprintf("%s (%s)", d.Name, d.ID)
}

// errNoPolicy is the error for a browser without a policy on this machine.
var errNoPolicy = fmt.Errorf("it has no policy on this machine: %w", fs.ErrNotExist)

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/risk"
)

// riskFormats are the formats of risk.
var riskFormats = vocabulary{one: "a format of risk", all: "formats", words: []string{"text", "json"},
	others: map[string]string{"table": "text", "plain": "text"}}

func newRisk(env *Env) *cobra.Command {
	var file, output string
	cmd := &cobra.Command{
		Use:   "risk NAME",
		Short: "Explain what one permission, OAuth scope, host or surface is worth, and who says so",
		Long: `risk says what a permission, an OAuth scope, a surface, a host or a match pattern lets an app do,
how serious that is, and which table says so. Where the allowlist has a class of its own for it
([[risk]] or crown_jewels), that is what counts, and it is shown with its line.`,
		Example: `  guestlist risk debugger
  guestlist risk https://www.googleapis.com/auth/gmail.readonly
  guestlist risk contents:write
  guestlist risk mail.google.com`,
		Args:              exactly(1, "one name"),
		ValidArgsFunction: completeRisk,
		RunE:              func(_ *cobra.Command, args []string) error { return env.risk(file, output, args[0]) },
	}
	cmd.Flags().StringVar(&file, "allowlist", "", allowlistUsage)
	cmd.Flags().StringVarP(&output, "output", "o", "text", "write it as `FORMAT`: "+strings.Join(riskFormats.words, ", "))
	cmd.RegisterFlagCompletionFunc("output", riskFormats.complete) // the flag is there
	return cmd
}

func (env *Env) risk(file, output, name string) error {
	if err := riskFormats.check("--output: ", output); err != nil {
		return err
	}
	list, err := env.loadAllowlist(namedFile{"--allowlist", file})
	if err != nil {
		return err
	}
	weighed := report.NewWeighed(inventory.Clean(name, inventory.MaxIDBytes), list.Risk())
	if weighed.IsUnknown() {
		return unknownRisk(name)
	}
	if output == "json" {
		err = weighed.WriteJSON(env.Stdout)
	} else {
		err = weighed.WriteText(env.Stdout)
	}
	if err != nil {
		return runError(fmt.Errorf("writing to stdout: %w", err))
	}
	return nil
}

// unknownRisk says what a name that no table has is worth, and which one was probably meant.
func unknownRisk(name string) error {
	hint := "a scan counts what no table has as medium at least: it is not known to be harmless"
	if near := strict.Nearest(name, risk.Names()); near != "" {
		hint = strict.DidYouMean(near)
	}
	return usageError(fmt.Errorf("no table has a permission, scope, surface or host %q", inventory.Untrusted(name)), hint)
}

// completeRisk offers the names of the tables.
func completeRisk(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(risk.Names(), func(name string) bool { return !strings.HasPrefix(name, begun) })
	return names[:min(len(names), maxOffered)], cobra.ShellCompDirectiveNoFileComp
}

package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func newAllow(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "allow",
		Short: "Write, check and explain the allowlist",
	}
	cmd.AddCommand(newAllowInit(env), newAllowAdd(env), newAllowRenew(env), newAllowRemove(env), newAllowDeny(env),
		newAllowDefer(env), newAllowReview(env), newAllowPropose(env), newAllowFmt(env), newAllowLint(env), newAllowExplain(env), newAllowEmit(env),
		newAllowCompare(env))
	return cmd
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func newAllowExplain(env *Env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:               "explain ID",
		Short:             "Show everything that the allowlist and its feeds say about one app",
		Example:           "  guestlist allow explain cjpalhdlnbpafiamejdnhcphjbkeiagm",
		Args:              exactly(1, "one ID"),
		ValidArgsFunction: env.completeID,
		RunE:              func(_ *cobra.Command, args []string) error { return env.allowExplain(file, args[0]) },
	}
	cmd.Flags().StringVar(&file, "allowlist", "", allowlistUsage)
	return cmd
}

func (env *Env) allowExplain(file, id string) error {
	list, err := env.mustLoadAllowlist(namedFile{"--allowlist", file})
	if err != nil {
		return err
	}
	statements := list.Explain(inventory.Untrusted(id), env.Now().UTC())
	if len(statements) == 0 {
		fmt.Fprintf(env.Stdout, "%s does not mention %s: a scan that finds it reports it as unapproved\n", list.Name,
			inventory.Untrusted(id))
		if list.Policy.HasContact() {
			fmt.Fprintf(env.Stdout, "Ask %s to approve it\n", list.Policy.Contact)
		}
		return reported(report.ExitFindings)
	}
	for _, statement := range statements {
		fmt.Fprintf(env.Stdout, "%v: %s\n", statement.Position, statement.Text)
	}
	if order := report.NewAllowlistRef(list, env.Now()).Order(); order != "" {
		fmt.Fprintln(env.Stdout, order)
	}
	return nil
}

// mustLoadAllowlist is loadAllowlist for commands that are about the file.
func (env *Env) mustLoadAllowlist(named namedFile) (*allowlist.List, error) {
	list, err := env.loadAllowlist(named)
	if err == nil && list == nil {
		return nil, usageError(fmt.Errorf("there is no allowlist: neither %q in this directory nor %q", allowlistName,
			inventory.Untrusted(filepath.Join(env.configDir(), allowlistName))), "guestlist allow init > "+allowlistName)
	}
	return list, err
}

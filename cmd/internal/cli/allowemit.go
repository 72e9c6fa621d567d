package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// policyOptions are the flags about the policy that an allowlist asks for.
type policyOptions struct {
	allowlist, holder, require, orgUnit string
}

func (o *policyOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.allowlist, "allowlist", "", allowlistUsage)
	flags.StringVar(&o.holder, "for", "", "for the holders that `PATTERN` names, such as *@eng.acme.example (default: everyone, "+
		"without the approvals that have a for)")
	flags.StringVar(&o.require, "require", "force", "install required extensions by `MODE`: force (people cannot turn them off) or normal")
	flags.StringVar(&o.orgUnit, "org-unit", "/", "google: the organizational unit `PATH` that the file is for")
}

func requireModes() vocabulary {
	return vocabulary{one: "a way to install", all: "ways", words: []string{"force", "normal"},
		others: map[string]string{"force_installed": "force", "forced": "force", "normal_installed": "normal"}}
}

func targetWords() vocabulary {
	words := vocabulary{one: "a target", all: "targets", others: map[string]string{
		"google-chrome": "chrome", "chrome-browser": "chrome", "microsoft-edge": "edge", "msedge": "edge", "mozilla": "firefox",
		"brave-browser": "brave", "google-workspace": "google", "workspace": "google", "github": "github-actions",
		"actions": "github-actions",
	}}
	for _, target := range enforce.Targets() {
		words.words, words.about = append(words.words, target.Name), append(words.about, target.Title)
	}
	return words
}

func formWords() vocabulary {
	words := vocabulary{one: "a form", all: "forms", others: map[string]string{"registry": "reg", "profile": "mobileconfig"}}
	for _, target := range enforce.Targets() {
		for _, form := range target.Forms {
			if !words.knows(formName(form)) {
				words.words = append(words.words, formName(form))
			}
		}
	}
	return words
}

func formName(form enforce.Form) string { return string(form) }

func newAllowEmit(env *Env) *cobra.Command {
	var options policyOptions
	var form, output string
	cmd := &cobra.Command{
		Use:   "emit TARGET",
		Short: "Write a browser's or platform's own policy from the allowlist",
		Long: `emit writes the policy with which a browser, Google Workspace or GitHub Actions keeps to the
allowlist by itself: what is approved is allowed and limited to what its approval pins,
what is required is installed, everything else is blocked. It writes to stdout or to a
file, and changes nothing else: put the file where the last line of stderr says.

What the policy cannot enforce is reported on stderr, entry by entry, and in the file as
comments where its form has any. An approval that is pending, deferred, expired or for
others is left out. Try a policy on one machine first, and compare it with "allow compare".`,
		Example: `  guestlist allow emit chrome -o guestlist.json
  guestlist allow emit edge --form reg -o edge.reg
  guestlist allow emit firefox --form mobileconfig --for '*@eng.acme.example' -o firefox.mobileconfig
  guestlist allow emit google -o apps.csv`,
		Args:              exactly(1, "one target"),
		ValidArgsFunction: targetWords().completeFirst,
		RunE: func(_ *cobra.Command, args []string) error {
			return env.allowEmit(args[0], form, output, options)
		},
	}
	options.addFlags(cmd)
	cmd.Flags().StringVar(&form, "form", "", "write the policy in the form `FORM`: json (Linux), plist or mobileconfig (macOS), "+
		"reg (Windows), csv (default: the first that the target has)")
	cmd.Flags().StringVarP(&output, "output-file", "o", "", "write to `FILE` instead of stdout")
	return cmd
}

// completeFirst completes a word of the vocabulary as the first argument.
func (v vocabulary) completeFirst(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return v.complete(cmd, args, typed)
}

func (env *Env) allowEmit(name, form, path string, o policyOptions) error {
	if err := targetWords().check("", name); err != nil {
		return err
	}
	target := enforce.TargetNamed(name)
	options, list, err := env.wantedPolicy(o)
	if err != nil {
		return err
	}
	if options.Form, err = formOf(target, form); err != nil {
		return err
	}
	if path == "-" {
		path = ""
	}
	place := namedFile{"--output-file", path}
	if path != "" && samePlace(path, list.Name.String()) {
		return usageError(fmt.Errorf("%v would replace the allowlist that is read", place), "give it another path")
	}
	if path != "" {
		if err := place.checkWritable(); err != nil {
			return err
		}
	}
	written, err := enforce.Emit(list, target, options)
	if err != nil {
		return runError(err)
	}
	if err := env.writePolicy(path, written.Content); err != nil {
		return runError(fmt.Errorf("writing the policy to %s: %w", orStdout(path), withoutPath(err)))
	}
	for _, note := range written.Notes {
		env.warn("not enforced: %v", note)
	}
	env.hint("%s: %d allowed, %d installed, %d denied by name; it belongs in %s", target.Title, written.Permitted, written.Installed,
		written.Refused, written.Place)
	return nil
}

// wantedPolicy reads what a command about policies needs: the options and the allowlist.
func (env *Env) wantedPolicy(o policyOptions) (enforce.Options, *allowlist.List, error) {
	options := enforce.Options{For: inventory.Untrusted(o.holder), OrgUnit: inventory.Untrusted(o.orgUnit), At: env.Now().UTC()}
	if err := requireModes().check("--require: ", o.require); err != nil {
		return options, nil, err
	}
	if options.Require = enforce.Forced; o.require == "normal" {
		options.Require = enforce.Normal
	}
	if !strings.HasPrefix(o.orgUnit, "/") {
		return options, nil, usageError(fmt.Errorf("--org-unit: %q is not a path that begins with a slash", options.OrgUnit),
			`--org-unit "/Sales"`)
	}
	list, err := env.mustLoadAllowlist(namedFile{"--allowlist", o.allowlist})
	return options, list, err
}

// formOf returns the form that was asked for, if the target has it.
func formOf(target *enforce.Target, form string) (enforce.Form, error) {
	if form == "" {
		return target.Forms[0], nil
	}
	if err := formWords().check("--form: ", form); err != nil {
		return "", err
	}
	var names []string
	for _, each := range target.Forms {
		if formName(each) == form {
			return each, nil
		}
		names = append(names, formName(each))
	}
	return "", usageError(fmt.Errorf("--form: the policy of %s has no form %s", target.Title, form), "forms: "+strings.Join(names, ", "))
}

// policyMode lets everyone read a policy: browsers of every user have to.
const policyMode = 0o644

// writePolicy writes a policy to a file, or to stdout.
func (env *Env) writePolicy(path string, content []byte) error {
	if path == "" {
		_, err := env.Stdout.Write(content)
		return err
	}
	return atomicfile.WriteFile(path, content, atomicfile.Options{Mode: policyMode})
}

package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// addCompletions registers the possible values of every flag of a command that takes one.
func (env *Env) addCompletions(cmd *cobra.Command) {
	for name, complete := range env.flagValues() {
		if flag := cmd.Flags().Lookup(name); flag != nil {
			cmd.RegisterFlagCompletionFunc(name, complete) // fails only for a flag that is not there or has one
		}
	}
}

// flagValues is the table of the values of flags.
func (env *Env) flagValues() map[string]cobra.CompletionFunc {
	tomlFiles := cobra.FixedCompletions([]cobra.Completion{"toml"}, cobra.ShellCompDirectiveFilterFileExt)
	directories := cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	return map[string]cobra.CompletionFunc{
		"output":         completeOutput,
		"fail-on":        completeList(failWords()),
		"only":           completeList(newsWords()),
		"form":           formWords().complete,
		"require":        requireModes().complete,
		"for":            cobra.NoFileCompletions,
		"org-unit":       cobra.NoFileCompletions,
		"policy":         filesOr(""),
		"output-file":    filesOr(""),
		"color":          colorModes.complete,
		"when":           whenWords().complete,
		"home":           directories,
		"profile-dir":    directories,
		"allowlist":      tomlFiles,
		"config":         filesOr("none"),
		"baseline":       filesOr("none"),
		"save":           filesOr("none"),
		"baseline-name":  env.completeBaselineName,
		"snapshot":       filesOr(""),
		"against":        filesOr("none"),
		"between":        cobra.NoFileCompletions,
		"in":             cobra.NoFileCompletions,
		"host":           env.completeHost,
		"post":           env.completeChannels,
		"owner":          cobra.NoFileCompletions,
		"reason":         cobra.NoFileCompletions,
		"source":         cobra.NoFileCompletions,
		"expires":        cobra.FixedCompletions([]cobra.Completion{"90d", "180d", "52w"}, cobra.ShellCompDirectiveNoFileComp),
		"until":          cobra.FixedCompletions([]cobra.Completion{"14d", "30d", "90d"}, cobra.ShellCompDirectiveNoFileComp),
		"pin":            completePins,
		"write":          filesOr(""),
		"branch":         cobra.NoFileCompletions,
		"base":           cobra.NoFileCompletions,
		"push":           cobra.NoFileCompletions,
		"closed":         cobra.NoFileCompletions,
		"from":           filesOr(""),
		"kind":           completeKind,
		"every":          periods().complete,
		"at":             cobra.NoFileCompletions,
		"random-delay":   cobra.FixedCompletions([]cobra.Completion{"0", "15m", "1h"}, cobra.ShellCompDirectiveNoFileComp),
		"name":           cobra.NoFileCompletions,
		"account":        cobra.NoFileCompletions,
		"credential":     cobra.NoFileCompletions,
		"program":        filesOr(""),
		"print-dir":      directories,
		logFormatFlag:    logFormats.complete,
		"timeout":        cobra.FixedCompletions([]cobra.Completion{"10m", "1h", "6h"}, cobra.ShellCompDirectiveNoFileComp),
		"source-timeout": cobra.FixedCompletions([]cobra.Completion{"30s", "2m", "10m"}, cobra.ShellCompDirectiveNoFileComp),
	}
}

// complete offers the words of a vocabulary.
func (v vocabulary) complete(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return v.except(nil), cobra.ShellCompDirectiveNoFileComp
}

// completeList offers the words of a vocabulary, several with commas between them.
func completeList(v vocabulary) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := ""
		if n := strings.LastIndexByte(written, ','); n >= 0 {
			before = written[:n+1]
		}
		offered := v.except(strings.Split(before, ","))
		for n := range offered {
			offered[n] = before + offered[n]
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeOnce offers one word as the only argument.
func (v vocabulary) completeOnce(_ *cobra.Command, args []string, _ string) ([]cobra.Completion,
	cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return v.except(nil), cobra.ShellCompDirectiveNoFileComp
}

// completeRest offers the words that are not arguments yet.
func (v vocabulary) completeRest(_ *cobra.Command, args []string, _ string) ([]cobra.Completion,
	cobra.ShellCompDirective) {
	return v.except(args), cobra.ShellCompDirectiveNoFileComp
}

func (v vocabulary) except(taken []string) []cobra.Completion {
	var list []cobra.Completion
	for n, word := range v.words {
		switch {
		case slices.Contains(taken, word):
		case n < len(v.about):
			list = append(list, cobra.CompletionWithDesc(word, v.about[n]))
		default:
			list = append(list, word)
		}
	}
	return list
}

// completeOutput offers formats, and after FORMAT= files.
func completeOutput(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
	name, path, hasPath := strings.Cut(written, "=")
	if !hasPath {
		return formatWords().except(nil), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace // "=PATH" may follow
	}
	return filesBelow(name+"=", path)
}

// filesOr offers files and, unless it is empty, a word that means no file.
func filesOr(word string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
		list, directive := filesBelow("", written)
		if word == "" {
			return list, directive
		}
		return append([]cobra.Completion{word}, list...), directive
	}
}

// fileArguments offers files for the given number of arguments.
func fileArguments(count int, extensions ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case len(args) >= count:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case len(extensions) > 0:
			return extensions, cobra.ShellCompDirectiveFilterFileExt
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// filesBelow lists the files that a path may become; shells complete only whole words, and these
// have something in front.
func filesBelow(front, path string) ([]cobra.Completion, cobra.ShellCompDirective) {
	dir, begin := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, begin) || begin == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if entry.IsDir() {
			name += string(filepath.Separator)
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		list = append(list, front+dir+name)
	}
	return list, directive
}

// completeBaselineName offers the names of existing baselines, and the two usual ones.
func (env *Env) completeBaselineName(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := []string{interactiveSeries, scheduledSeries}
	if dir := env.stateDir(); dir != "" {
		baselines, _ := storeIn(dir).Baselines() // what cannot be listed is not offered
		for _, baseline := range baselines {
			if baseline.Name != "" && !slices.Contains(names, baseline.Name) {
				names = append(names, baseline.Name)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeHost offers the hosts of the configuration that have a device sign-in.
func (env *Env) completeHost(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path, _ := cmd.Flags().GetString("config") // every command with --host has it
	c, err := env.loadConfig(path)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.SignInHosts(), cobra.ShellCompDirectiveNoFileComp
}

// completeChannels offers the channels of the configuration, several with commas between them.
func (env *Env) completeChannels(cmd *cobra.Command, args []string, written string) ([]cobra.Completion,
	cobra.ShellCompDirective) {
	return completeList(env.channelsOf(cmd))(cmd, args, written)
}

// channelsOf are the channels of the configuration that a command uses; none if it cannot be read.
func (env *Env) channelsOf(cmd *cobra.Command) vocabulary {
	path, _ := cmd.Flags().GetString("config") // every command with channels has it
	c, err := env.loadConfig(path)
	if err != nil {
		return vocabulary{}
	}
	return channelWords(c)
}

// completeID offers the IDs that the allowlist names, each with its name.
func (env *Env) completeID(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	path, _ := cmd.Flags().GetString("allowlist")
	list, err := env.readAllowlist(namedFile{"--allowlist", path}, nil) // no word is worth a request
	if err != nil || list == nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids := map[string]inventory.Untrusted{}
	for _, entry := range list.Entries() {
		for _, id := range entry.IDs {
			ids[id.String()] = entry.Name
		}
	}
	var offered []cobra.Completion
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		offered = append(offered, cobra.CompletionWithDesc(id, ids[id].String()))
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// completePins offers what can be pinned.
func completePins(_ *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	offered := []cobra.Completion{pinObserved, none}
	for _, key := range allowlist.PinKeys() {
		offered = append(offered, string(key)+"=")
	}
	return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeKind offers kinds of apps, and of schedulers where a command is about those.
func completeKind(cmd *cobra.Command, args []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if parent := cmd.Parent(); parent != nil && parent.Name() == "allow" {
		return kindWords().complete(cmd, args, written)
	}
	return scheduleKinds().complete(cmd, args, written)
}

/*
Guestlist lists the third-party software that was let in, and says whether anyone agreed to it.

It reads the extensions of local Chromium- and Firefox-family browsers, the OAuth grants, app passwords and accounts of a Google
Workspace, and the apps, credentials, keys and hooks of GitHub organizations; compares them to a reviewed TOML allowlist and to the
last scan; and reports the difference. It reads and never changes: no profile, no account, no policy. It asks the configured
services and nobody else.

Usage:

	guestlist scan [provider...]     read every source found here, compare, report
	guestlist check [provider...]    one's own browsers, or with "github" one's own GitHub account, in plain words
	guestlist doctor [provider...]   what each provider can read here, and the exact fix for what it cannot
	guestlist sign-in PROVIDER       sign in as a person, for later scans
	guestlist diff OLD NEW           every difference between two snapshots
	guestlist render SNAPSHOT        report a saved snapshot, in any format
	guestlist allow init             propose a first allowlist from what is installed
	guestlist allow lint [FILE]      check the allowlist
	guestlist allow explain ID       everything the allowlist says of one app
	guestlist demo                   the main job, whole, without configuration or credentials
	guestlist schema NAME            the JSON Schema of a format
	guestlist completion SHELL       completion for bash, zsh, fish or PowerShell
	guestlist version

Each command's --help lists its flags.

# Exit codes

They are the same for every format:

	0  clean, and everything was read
	1  failed: there is no result to trust
	2  wrong usage, configuration, allowlist or another file that was named: nothing was scanned
	3  findings at or above --fail-on (default: low)
	4  something that should have been read was not, with or without findings

A browser without extensions is 0. No browser at all is 4.

# Streams and files

Stdout is the report only. Warnings, errors and hints go to stderr, each line with "guestlist: " in front. --output FORMAT=PATH
writes a report to a file as well, readable by its owner only; it can be given more than once.

A file that is written is whole or as it was, keeps its mode and owner, and is written behind a link; a device, a pipe or a socket is
written through.

The snapshot of a scan is kept in the state directory ($GUESTLIST_STATE_DIR; otherwise the first path of systemd's $STATE_DIRECTORY;
otherwise $XDG_STATE_HOME/guestlist or ~/.local/state/guestlist; ~/Library/Application Support/guestlist on macOS;
%LOCALAPPDATA%\guestlist on Windows) and is the baseline of the next scan of the same places. The allowlist is looked for in the
working directory, then in the user's configuration directory (systemd's $CONFIGURATION_DIRECTORY; otherwise
$XDG_CONFIG_HOME/guestlist or ~/.config/guestlist; on macOS the same directory as above; %APPDATA%\guestlist on Windows). The
configuration, guestlist.toml, is looked for in that directory only, or where $GUESTLIST_CONFIG or --config says: it names commands to
run and hosts that tokens go to.

Without a state directory that can be written, a warning says that nothing is compared. A baseline that cannot be read is set aside
as *.damaged-TIME, with a warning, and the scan is a first one. Two scans of the same places at once do not disturb each other: the
second compares to what the first one kept; a scan that waits longer than 30 s for another says so, and is not kept.

The state directory also holds the checkpoints of Google Workspace scans, unchanged pages of GitHub's, and what sign-in keeps
(credentials/, readable by its owner only).

# Signals

Ctrl-C, TERM and HUP end a run with 1, and leave nothing behind; a second one ends it at once. A run that is killed leaves nothing
outside the state directory, and what it leaves there is removed a day later. The baseline is replaced last, after the report was
delivered: what a run that died did not report is reported by the next one.

A browser profile that takes longer than --source-timeout (2 minutes), as on a network disk that does not answer, is reported as not
read, and the scan goes on without it.

# Accounts and approvals

Accounts are told apart by the platform's ID. Who was renamed holds what they held; what an account held that was deleted, or that
left the scanned units, is said once, of the account. New guests and outside collaborators, and accounts that gained an
administrator's rights, are findings; ordinary new members are one line.

An allowlist entry without owner, reason or approved, or with a placeholder such as TODO in one, approves nothing: what it names is
approval-pending until somebody fills it in. That an entry is unused is said only by a scan that saw everybody whom the entry can
mean, so never of extensions by a scan of one machine.

# Limitations

  - What no API of Google's or GitHub's tells is listed with the page to look at: domain-wide delegation and the trusted apps of a
    Workspace, the OAuth apps that a GitHub organization approved, what its members authorized for themselves.
  - What a profile says of itself is a claim. It is checked against the files on disk where they can be read, and not beyond them:
    guestlist does not read the code of an extension and cannot tell what it does with its access.
  - The store's verdicts (malware, delisted) are those that the browser last stored in the profile. Chromium builds without Google's
    keys never fetch them. Their absence is no statement.
  - "Required" is judged per person on a machine: a required extension that is switched on in one of a person's browsers is there.
  - Extensions that a browser holds only in memory until it exits are seen after that.
*/
package main

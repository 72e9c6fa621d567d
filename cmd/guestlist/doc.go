/*
Guestlist lists the third-party software that was let in, and says whether anyone agreed to it.

It reads the extensions of local Chromium- and Firefox-family browsers, the OAuth grants, app
passwords and accounts of a Google Workspace, and the apps, credentials, keys and hooks of GitHub
organizations; compares them to a reviewed TOML allowlist and to the last scan; and reports the
difference. It reads and never changes: no profile, no account, no policy. It asks the configured
services, and the addresses of lists that the allowlist includes, and nothing else.

Usage:

	guestlist scan [provider...]     read every source found here, compare, report
	guestlist check [provider...]    one's own browsers, or with "github" one's own GitHub account, in plain words
	guestlist post [channel...]      deliver what waits, show what would be posted, test a channel
	guestlist doctor [provider...]   what each provider can read here, and the exact fix for what it cannot
	guestlist show WHAT              all that is known of one app, person, account, profile, repository or entry
	guestlist risk NAME              what one permission, scope, host or surface is worth, and who says so
	guestlist sign-in PROVIDER       sign in as a person, for later scans
	guestlist schedule               what makes this machine scan regularly, for its own scheduler
	guestlist diff OLD NEW           every difference between two snapshots
	guestlist render SNAPSHOT        report a saved snapshot, in any format
	guestlist allow init             propose a first allowlist from what is installed
	guestlist allow lint [FILE]      check the allowlist
	guestlist allow explain ID       everything the allowlist says of one app
	guestlist allow emit TARGET      a browser's or platform's own policy, from the allowlist
	guestlist allow compare [TARGET] the policy in force on this machine, compared with the allowlist
	guestlist demo                   the main job, whole, without configuration or credentials
	guestlist schema NAME            the JSON Schema of a format
	guestlist help [TOPIC]           help on a command, the rules, the environment, browsers or a vendor
	guestlist completion SHELL       completion for bash, zsh, fish or PowerShell
	guestlist version                  the version, the commit and the platform; --json

Each command's --help lists its flags.

# Exit codes

They are the same for every format:

	0  clean, and everything was read
	1  failed: there is no result to trust
	2  wrong usage, configuration, allowlist or another file that was named: nothing was scanned
	3  findings at or above --fail-on (default: low); for diff, differences
	4  something that should have been read was not, with or without findings

A browser without extensions is 0. No browser at all is 4. "show" exits with 2 for a word that is
unknown or ambiguous, and with 4 if --between asks about a time that no scan covers.

--fail-on new (changed, gained, lost, removed, unread, read-again) exits with 3 only for such
changes since the baseline, whatever their severity; --fail-on high,new for those at or above high.
--only new,changed shows nothing else; the verdict is still about everything.

--when changes writes the report to stdout only if something changed since the last scan, so that a
job with --quiet prints nothing, and cron mails nothing, where nothing is new. A first scan, and one
that could read nothing, always print theirs; a source that is no longer read is a change. An
approval that expires is not: --when findings prints whenever the exit code is not 0. Files are
written in any case.

# Streams and files

Stdout is the report only. Warnings, errors and hints go to stderr, each line with "guestlist: " in
front; with --log-format json each is a JSON object instead, with time, level, msg and attributes,
and so is what a scan waits for, how far it is and, with --debug, every request. --output
FORMAT=PATH writes a report to a file as well, readable by its owner only; it can be given more than
once.

A file is replaced as a whole or not at all, and keeps its mode and owner. Where the path is a link,
the file it points to is replaced; a device, a pipe or a socket is written to directly.

The snapshot of a scan is kept in the state directory ($GUESTLIST_STATE_DIR; otherwise the first
path of systemd's $STATE_DIRECTORY; otherwise $XDG_STATE_HOME/guestlist or ~/.local/state/guestlist;
~/Library/Application Support/guestlist on macOS; %LOCALAPPDATA%\guestlist on Windows) and is the
baseline of the next scan of the same places with the same name. Baselines have names, so that a
scan by hand does not use up the changes that a scheduled one should report: a scan on a terminal
(stdout or stderr) has the name "interactive", any other "scheduled", and --baseline-name gives
another one. While one of these two has no baseline, the other's is used, or else the one without a
name that earlier versions kept. The allowlist is looked for in the working directory, then in the
user's configuration directory (systemd's $CONFIGURATION_DIRECTORY; otherwise
$XDG_CONFIG_HOME/guestlist or ~/.config/guestlist; on macOS the same directory as above;
%APPDATA%\guestlist on Windows). The configuration, guestlist.toml, is looked for in that directory
only, or where $GUESTLIST_CONFIG or --config says: it names commands to run and hosts that tokens go
to.

Without a writable state directory, a warning says that nothing is compared. A baseline that cannot
be read is set aside as *.damaged-TIME, with a warning, and the scan counts as the first. Two scans
of the same places at the same time do not disturb each other: the second compares to what the first
one kept. A scan that waits more than 30 s for another says so, and is not kept.

A scheduled scan should not begin while the last one is still going on: with --post or --exclusive
it then ends at once with exit code 1, because it has no result, and says which process is in its
way. The system holds the lock for as long as that process lives. Scans without --exclusive, and
those of other places or another name, are not concerned.

A copy of each snapshot that becomes a baseline is kept as well, as it was observed, for "guestlist
show": of each scope the last 10 and one a week for a year, together at most 500 MB; keep, weeks and
max_size under [history] in guestlist.toml change that. They are compressed: 0.02 to 0.2 MB for each
1,000 items. If one cannot be read, a warning says so, and the others are used.

The state directory also holds the checkpoints of Google Workspace scans, cached pages of GitHub's
API, the last good copies of included lists (lists/), locks of edits of allowlists (edits/), what
sign-in keeps (credentials/, readable by its owner only), and the outbox (post/, a directory for each
channel, readable by its owner only):
memory.json has what the channel was told, 00000012.json is a message that waits, *.given-up one
that was given up, *.damaged-TIME a file that could not be read. No secret is in it.

# Posting

"guestlist scan --post" tells every channel of guestlist.toml what is news to it, and --post=NAME,…
some of them: Slack, Teams, mail, a pager and more. "guestlist help posting" says how to set them
up, what each takes, and what is said when.

What is said is written to the outbox after the report was delivered and before the baseline is
replaced, and sent afterwards, for at most two minutes or so; the next scan with --post, or
"guestlist post", sends the rest, in order. A message is removed when its receiver has taken it. If
the outbox cannot be written, the baseline is not replaced either, so that the next scan says the
same again, and the exit code is 1.

The exit code of a scan is the report's, whatever becomes of its messages: what is not delivered is
an error on stderr, even with --quiet, and a failure to the heartbeat. With --require-post it is
exit code 1. A message that is given up after 14 days makes the exit code 1 in any case, and the
next one says everything that is open. "guestlist post" exits with 1 while something waits.

A scan that ends with exit code 1 or 2 is posted as a scan without a result, unless it was
interrupted, another scan is running, or the configuration itself is wrong: then only the exit code,
stderr and the missing heartbeat say so.

A run that is killed while it sends a message cannot know whether it arrived. The message is sent
again with the same ID, by which a service may know it; where a kind of channel has none, it says
that it may repeat another one, and stderr does too.

# What a person sees

The table, the default of --output, is one screen: the verdict in two lines (what needs a person,
what changed, how much was read); the changes since the last scan, with + for what was added, ~ for
what changed and - for what is gone; the most urgent entries, one app, account or allowlist entry a
line; what was not read; and the next command. A wider terminal has more columns and a taller one
more lines. --details adds everything at length; a report longer than the terminal is then shown in
a pager, unless --no-pager is given, and ends with the verdict. In a pipe or a file it is the same
text in 80 columns and without colour. For programs there are tsv (a line for each entry), json and
jsonl.

--output html=FILE writes one page for a browser: verdict, changes, charts, every entry in full, to
be searched, filtered, sorted and printed, and what was read. It loads nothing from the network and
can be mailed; without script it shows the verdict, the changes and the first 200 entries. It draws
how many apps the kept scans of the same places saw; they are all read for that.

Without an allowlist nothing is approved or unapproved: the entries show what apps can reach, the
most powerful first. The exit codes are the same.

# Signals

Ctrl-C, TERM and HUP end a run with exit code 1 and leave nothing behind; a second one ends it at
once. A run that is killed leaves nothing outside the state directory, and what it leaves there is
removed a day later. The baseline is replaced last, after the report was delivered: whatever a
killed run did not report, the next one reports.

A browser profile that takes longer than --source-timeout (2 minutes), for example on a network disk
that does not respond, is reported as not read, and the scan goes on without it. --timeout is for the
whole scan: when it is up, what was not read is reported as not observed (exit code 4), and the
report is written as usual. A run that then still hangs, for example because nobody reads its
output, ends 5 minutes later with exit code 1.

# Running regularly

"guestlist schedule" prints what makes a machine scan regularly, in the format of its scheduler:
systemd, launchd, Task Scheduler or cron. --install puts it in place and --remove removes it; both
say each step and can be repeated, and neither touches a file, task or crontab line that a person
wrote. The command that is to be run is checked when it is scheduled.

The systemd service of the system runs as an account of its own, which may read no home directory
and write nothing but /var/lib/guestlist and the directories of --output and --save; with
--all-users, --home or --profile-dir it runs as root with the right to read and no other. Exit code
3 is no failure of the service, since findings are what a scan is for. Exit code 4 is one: systemctl
--failed shows it until a run reads everything.

systemd and Task Scheduler make up for a run that was missed, and choose a random delay for each
run; launchd makes up for one only after sleep, and cron for none. Both know no random delay, so
each machine gets a fixed one.

# Accounts and approvals

Accounts are identified by the platform's ID. A renamed account keeps its items. When an account was
deleted, or left the scanned units, everything it held is reported as one change of the account. New
guests and outside collaborators, and accounts that gained an administrator's rights, are findings;
ordinary new members are one line.

An allowlist entry without owner, reason or approved, or with a placeholder such as TODO in one,
approves nothing: what it names is approval-pending until they are filled in. A [[defer]] entry says
that a decision waits until a day: approval-deferred, and from that day on approval-pending. An
entry is reported as unused only by a scan that saw everyone the entry can apply to, so never for
extensions by a scan of one machine.

# Environment

These are all the variables that are looked up, besides those that guestlist.toml names to read
secrets from. "guestlist help environment" prints them.

Where guestlist keeps and finds its files:

	GUESTLIST_CONFIG                the configuration file, in place of guestlist.toml in the
	                                configuration directory
	GUESTLIST_STATE_DIR             the state directory, in place of the usual one
	STATE_DIRECTORY                 Linux: the state directory that systemd made for a service; of
	                                several, the first
	CONFIGURATION_DIRECTORY         Linux: the configuration directory that systemd made for a
	                                service; of several, the first
	CREDENTIALS_DIRECTORY           Linux: the directory of the secrets that systemd passes to a
	                                service
	XDG_STATE_HOME                  the state directory is guestlist below it (default:
	                                ~/.local/state)
	XDG_CONFIG_HOME                 the configuration directory is guestlist below it (default:
	                                ~/.config); Linux browsers keep profiles there, too
	LOCALAPPDATA                    Windows: the state directory is guestlist below it
	APPDATA                         Windows: the configuration directory is guestlist below it;
	                                gcloud keeps its credentials there, too
	HOME                            the home directory whose browsers are read, and the start of
	                                every default above
	USERPROFILE                     Windows: the same as HOME elsewhere
	TMPDIR                          where temporary files go (Windows: TMP, TEMP)

Where browsers keep profiles, on Linux:

	XDG_DATA_HOME                   the directory that some browsers use in place of ~/.local/share
	CHROME_CONFIG_HOME              the directory that Chrome and Chromium use in place of ~/.config
	CHROME_USER_DATA_DIR            the user data directory of Chrome and Chromium

Credentials, where guestlist.toml names none:

	GOOGLE_APPLICATION_CREDENTIALS  the file of Google's application default credentials
	CLOUDSDK_CONFIG                 gcloud's directory, where that file is otherwise looked for
	GH_TOKEN                        a token for github.com and ghe.com; gh auth token is asked only
	                                without one
	GITHUB_TOKEN                    the same, after GH_TOKEN
	GH_ENTERPRISE_TOKEN             a token for GitHub Enterprise Server
	GITHUB_ENTERPRISE_TOKEN         the same, after GH_ENTERPRISE_TOKEN

What a person sees:

	NO_COLOR                        no colour, unless it is empty; --color decides before it
	TERM                            no colour and no pager if it is dumb
	GUESTLIST_PAGER                 the program that shows a report longer than the terminal, with
	                                its arguments; cat for none
	PAGER                           the same, where GUESTLIST_PAGER is not set
	LESS                            the options of less, which are FRX where none are set
	LV                              the same for lv, which is -c
	LC_ALL                          the language that extensions' names are shown in
	LC_MESSAGES                     the same, where LC_ALL is not set
	LANG                            the same, where neither is set

The network and Go's runtime, as in every Go program:

	HTTPS_PROXY                     the proxy for requests to vendors
	NO_PROXY                        hosts that are reached without it
	SSL_CERT_FILE                   Linux: the certificate authorities to trust, in a file
	SSL_CERT_DIR                    Linux: the same, in directories
	GOGC                            how often memory is collected; guestlist then leaves it alone

What the command of a channel gets:

	GUESTLIST_MESSAGE_ID            the message's id, the same when it is handed over again
	GUESTLIST_CHANNEL               the channel's name in guestlist.toml
	GUESTLIST_OCCASION              news, reminder or test
	GUESTLIST_CONTENT_TYPE          the media type of what is on its standard input
	PATH                            as guestlist has it, like HOME, LANG, LC_ALL and TMPDIR

# Compatibility

Nothing has been released yet. From the first release on, what scripts and reviewed files rely on
changes only as follows:

  - Exit codes keep their meaning, and no code is added within a major version of guestlist. A new
    rule, or a source that is read better, can turn 0 into 3 or 4: that is news about what was let
    in, not a breaking change.
  - Commands and flags keep their names and meaning within a major version. Text for people (table,
    plain, html, help, warnings) may change in any version; programs should read json or jsonl.
  - json and jsonl hold schema_version. A minor step only adds: members, rules, kinds, marks. A
    reader must accept members and words that it does not know. A major step may rename and remove.
    "guestlist schema report" and "guestlist schema report-line" print the schemas.
  - csv, csv-apps, tsv, prometheus and the properties of other formats keep the meaning of their
    columns and names; more may be added. Formats defined elsewhere (sarif, junit, ocsf, cyclonedx)
    stay, within a major version, at the version of the format that they name.
  - A finding keeps its ID from scan to scan, and names of rules, providers and sources keep their
    meaning: people filter and count by them.
  - A snapshot holds schema_version as well. Guestlist reads every minor version of the major
    version that it writes, older or newer, and refuses another major version. A baseline that it
    refuses is set aside with a warning, and the scan is a first one.
  - The allowlist and guestlist.toml begin with version = 1. Within a version only keys are added,
    and a file that was accepted stays accepted and decides as before. An older guestlist refuses
    keys that it does not know, as it refuses a newer version, with exit code 2: it never ignores
    half of a decision.
  - Whatever else is in the state directory belongs to guestlist alone and may change in any
    version. At worst a scan reads everything again, or a person signs in again.
  - The Go packages are not an API.

# Limitations

  - What no API of Google or GitHub reports is listed with the page to look at: domain-wide
    delegation, the trusted apps and AI agents of a Workspace, the OAuth apps that a GitHub
    organization approved, and what its members authorized for themselves.
  - What a profile says about itself is a claim. It is checked against the files on disk where they
    can be read, and no further: guestlist does not read the code of an extension and cannot know
    what it does with its access.
  - The store's verdicts (malware, delisted) are those that the browser last stored in the profile.
    Chromium builds without Google's keys never fetch them. Their absence proves nothing.
  - "Required" is judged per person on a machine: a required extension that is turned on in one of a
    person's browsers counts as present.
  - Extensions that a browser keeps only in memory until it exits are seen only after that.
*/
package main

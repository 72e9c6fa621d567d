// Package googleworkspace reads which software has access to a Google Workspace, and who let it in:
// OAuth grants and app passwords of every user, the accounts behind them, and the organization's
// own API settings. It asks through package api (users.list, tokens.list, asps.list, the token and
// admin logs, the usage reports, policies.list) and sends only GET requests, except to sign-in
// endpoints. Package chromemanagement reads what managed browsers report.
//
// # How a scan goes
//
// All users are listed before the first grant is read, and kept on disk in parts (package
// checkpoint), so that memory does not grow with the organization. Then a few workers read each
// user. What is found goes to the sink at once. Package tally counts how this went over all users
// and decides when to stop asking.
//
// A user who cannot be read has a coverage of its own ("acme.example/grants/it@acme.example"), and
// the others are complete. A temporary fault is retried once when everyone else has been read. So
// is a limit that hits one user again and again while others are answered. A limit for everyone
// makes all workers wait, for longer than the minute over which Google counts. A panic costs only
// the user being read.
//
// # What is believed
//
// An entry that names another user than was asked about is a gap. Package paging reads every list,
// makes sure that it ends, and says if it is not whole. Users are asked about by their address
// right after the listing and by their ID later, when the address may have changed hands. Scopes
// that Google does not report are unknown access; an empty list is no access. Units are compared
// ignoring case; one without users is a gap that names similar units.Users outside the units are
// accounts with [inventory.FactOutsideUnits], so that someone who left them is not "removed".
//
// # Resume and increment
//
// With Config.StateDir, every finished user is written to a checkpoint, and an interrupted scan
// resumes after it within [checkpoint.MaxCheckpointAge]. A finished scan is kept as the base of the
// next incremental one, which reads again only users who are new, have changed, occur in the token
// log since the last scan less [checkpoint.Overlap], have a different number of grants in the usage
// report, or whose turn it is ([checkpoint.RollingShares]). Every other user's items are taken from
// the base. App passwords leave no event: between turns a user's are taken from the base, and the
// coverage says for how many users that is so.
//
// # What no API reports
//
// The domain-wide delegation list and the console's list of trusted apps have no API. They are
// reported as not observable, with the console page to look at. The last use of a grant is known
// only as far back as Config.ActivityDays reads the token log.
package googleworkspace

// Package googleworkspace reads who let which software into a Google Workspace: OAuth grants and
// app passwords of every user, the accounts behind them, and the organization's own API settings.
// It asks through package api (users.list, tokens.list, asps.list, the token and admin logs, the
// usage reports, policies.list) and sends GET and nothing else; sign-in endpoints apart. What
// managed browsers report is package chromemanagement's.
//
// # How a scan goes
//
// All users are listed before the first grant is read, and kept on disk in parts (package
// checkpoint), so that memory does not grow with the organization. Then a few workers read each
// user. What is found goes to the sink at once. How that went over all users is counted by package
// tally, which also decides when to stop asking.
//
// A user who cannot be read has a coverage of its own ("acme.example/grants/it@acme.example"), and
// the others are complete. A fault of the moment is tried once more when everyone else has been
// read. So is a limit that meets one user again and again while others are answered; a limit of
// everyone's makes all wait, longer than the minute that Google counts in. A panic costs its own
// user.
//
// # What is believed
//
// An entry that names another user than was asked about is a gap, and every list is read by package
// paging, which ends it and says when it is not whole. Users are asked about by their address right
// after the listing and by their ID later, when the address may have changed hands. Scopes that
// Google does not tell are unknown access; an empty list is none. Units are compared without regard
// to capitals; one that holds nobody is a gap, with the units there are. Users outside the units
// are accounts with [inventory.FactOutsideUnits], so that who left them is not "removed".
//
// # Resume and increment
//
// With Config.StateDir, every finished user is written to a checkpoint, and an interrupted scan
// goes on behind it within [checkpoint.MaxCheckpointAge]. A finished scan stays as the base of the
// next incremental one, which reads again only users that are new, have changed, occur in the token
// log since the last scan less [checkpoint.Overlap], whose number of grants in the usage report
// changed, or whose turn it is ([checkpoint.RollingShares]). Every other user's items are those of
// the base. App passwords leave no event: between turns a user's are those of the base, and the
// coverage says of how many users that is so.
//
// # What no API reports
//
// The domain-wide delegation list and the console's list of trusted apps have no API. They are
// reported as not observable, with the console page to look at. Last use of a grant is known only
// as far back as Config.ActivityDays reads the token log.
package googleworkspace

// Package googleworkspace reads who let which software into a Google Workspace: OAuth grants and app passwords of every user, the
// accounts behind them, the organization's own API settings, and ([ChromeProvider]) the extensions that managed browsers report.
//
// It follows the Directory API v1 (users.list, tokens.list, asps.list), the Reports API v1 (token and admin logs, usage reports),
// the Chrome Management API v1 and the Cloud Identity API v1, through google.golang.org/api. It sends GET and nothing else;
// sign-in endpoints apart. See [Features] for what is asked for and with which scope.
//
// # How a scan goes
//
// All users are listed before the first grant is read, and kept on disk in parts, so that memory does not grow with the
// organization. Then a few workers read each user. What is found goes to the sink at once. Waiting, retrying and the shared
// pace are package httpx's; what an answer means for a user, a feature or the whole scan is decided in fault.go.
//
// A user who cannot be read has a coverage of its own ("acme.example/grants/it@acme.example"), and the others are complete. A fault
// that would hit everybody (an API that is off, a missing scope) ends its feature, with the console page that repairs it. A refusal is
// about whom it was asked: administrators are refused for what they are, and a unit of which Google refuses everybody it is asked
// about is left after [maxRefusals]. A fault of the moment is tried once more when everybody else has been read. A user who was
// deleted meanwhile is noted, and costs nothing.
//
// # What is believed
//
// An answer proves what it is before it means "nothing" (answer.go), an entry that names another user than was asked about is a gap,
// and every list is read by package paging, which ends it and says when it is not whole. Users are asked about by their address
// right after the listing and by their ID later, when the address may have changed hands. Scopes that Google does not tell are
// unknown access; an empty list is none. Units are compared without regard to capitals; one that holds nobody is a gap, with the
// units there are. Users outside the units are accounts with [inventory.FactOutsideUnits], so that who left them is not "removed".
//
// # Resume and increment
//
// With Config.StateDir, every finished user is written to a checkpoint (mode 0600; it holds no secret), and an interrupted scan goes on
// behind it within [MaxCheckpointAge]. A finished scan stays as the base of the next incremental one, which reads again
// only users that are new, have changed, occur in the token log since the last scan less [Overlap], whose number of grants in the
// usage report changed, or whose turn it is ([RollingShares]). Every other user's items are those of the base. App passwords
// leave no event: between turns a user's are those of the base, and the coverage says of how many users that is so.
// One scan at a time has a state folder: another one leaves it alone, is full, keeps nothing, and says so. The lock is the operating
// system's and ends with its process.
//
// # What no API tells
//
// The domain-wide delegation list, the console's list of trusted apps, and who has an extension on ChromeOS have no API. They are
// reported as not observable, with the console page to look at; an extension that is counted is told, whoever holds it. So is last use of a grant, except as far back as Config.ActivityDays reads the token log.
package googleworkspace

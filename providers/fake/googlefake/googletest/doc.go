// Package googletest is for tests that read the fake Google Workspace: a [Rig] serves an
// organization, has a clock that moves only when someone waits, and looks at the end of each test
// for secrets in all that was written or logged and for calls that were no GET. [Matrix] puts every
// wrong answer in the place of every call.
package googletest

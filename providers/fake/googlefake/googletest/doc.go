// Package googletest is for tests that read the fake Google Workspace: a [Rig] serves an
// organization, has a clock that moves only when someone waits, and checks at the end of each test
// that nothing written or logged holds a secret and that every call was a GET. [Matrix] puts every
// wrong answer in the place of every call.
package googletest

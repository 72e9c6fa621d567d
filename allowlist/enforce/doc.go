// Package enforce turns an allowlist into the policies that browsers and platforms already have,
// reads such policies back, and compares them with the allowlist.
//
//	output, err := enforce.Emit(list, target, enforce.Options{Form: enforce.FormJSON, At: now})
//	policy, err := enforce.Read(target, output.Content)
//	differences := enforce.Compare(list, target, options, policy)
//
// It is pure: nothing on the machine is read or changed. A [Target] is a row of a table: where its
// policy belongs, which forms it has, which store it installs from.
//
// What is approved is what [allowlist.List.Decide] approves for one group of holders on one day;
// everything else is blocked, by the policy's default or, where the allowlist or a feed denies it,
// by name. An approval that waits, has expired or is meant for others is not in the policy. What a
// policy cannot express comes back as a [Note], with the line of the entry: a policy that promised
// more than the browser keeps would be worse than none. Which limits that are is known from the
// browsers' sources and tried with real ones (see providers/internal/realbrowser):
//
//   - Chromium does not install an extension whose manifest requires a blocked permission, keeps the
//     version before in place of such an update, and refuses a blocked optional one. It reads a list
//     of blocked permissions only up to the first name that needs an argument, so those names are
//     left out of it. Firefox installs such an add-on or update, and turns it off.
//   - An extension with settings of its own inherits only the mode from the settings for "*", in
//     Chromium, and nothing in Firefox.
//   - Chromium reads 100 host patterns of a list and drops settings with a host pattern that has a
//     path. Firefox drops the host patterns of all extensions if one of them is wrong.
//   - No browser limits publishers, install sources of an ID, highest versions, or what a manifest
//     declares beside permissions and hosts.
package enforce

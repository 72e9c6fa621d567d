package github

import (
	"maps"
	"slices"
)

// accountPermissions are what an app requests from people for their own accounts, besides what it
// requests from an organization. An installation never holds one: each person consents for
// themselves, and no owner can grant it. They are taken from GitHub's documentation of fine-grained
// tokens and of the user permissions of Apps; some have another name in the OpenAPI description.
var accountPermissions = []string{
	"blocking", "codespaces_user_secrets", "copilot_editor_context", "copilot_messages", "copilot_requests",
	"email_addresses", "emails", "followers", "gists", "git_signing_ssh_public_keys", "git_ssh_keys", "gpg_keys",
	"interaction_limits", "keys", "knowledge_bases", "plan", "private_repository_invitations", "profile",
	"ssh_signing_keys", "starring", "user_copilot_requests", "user_events", "user_models", "watching",
}

// ofInstallations drops what no installation can hold.
func ofInstallations(wanted map[string]string) map[string]string {
	kept := maps.Clone(wanted)
	maps.DeleteFunc(kept, func(name, _ string) bool { return slices.Contains(accountPermissions, name) })
	return kept
}

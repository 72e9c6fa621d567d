package githubfake

import (
	"fmt"
	"net/http"
)

// asSelf refuses tokens that belong to no user, and those without the operation's scope.
func (c *call) asSelf() (*User, error) {
	if c.token.User == nil {
		return nil, fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	route, _ := find(c.request.Method, c.path)
	if err := c.may(route); err != nil {
		// GitHub answers a token that lacks a key scope as if there were nothing.
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	return c.token.User, nil
}

func (c *call) user() (any, error) {
	user, err := c.asSelf()
	if err != nil {
		return nil, err
	}
	body := c.simpleUser(user, "User")
	own := object{
		"name": stringOrNil(user.Name), "company": nil, "blog": "", "location": nil, "email": nil, "hireable": nil,
		"bio": nil, "twitter_username": nil, "public_repos": user.PublicRepos, "public_gists": user.PublicGists,
		"followers": 0, "following": 0, "created_at": stamp(user.Created), "updated_at": stamp(user.Created),
		"user_view_type": "public", "notification_email": nil,
	}
	for name, value := range own {
		body[name] = value
	}
	if c.token.Kind == Classic && c.token.hasScope("user") {
		body["user_view_type"] = "private"
		body["private_gists"], body["total_private_repos"], body["owned_private_repos"] = user.SecretGists,
			user.PrivateRepos,
			user.PrivateRepos
		body["disk_usage"], body["collaborators"] = 1, 0
		body["two_factor_authentication"] = user.TwoFactor != TwoFactorOff
	}
	return body, nil
}

func (c *call) userKeys() (any, error) {
	user, err := c.asSelf()
	if err != nil {
		return nil, err
	}
	return paged(c, user.Keys, true, func(k *Key) any {
		return object{
			"id": k.ID, "key": k.Key, "url": fmt.Sprintf("%suser/keys/%d", c.api(), k.ID), "title": k.Title,
			"verified": true, "created_at": stamp(k.Created), "read_only": k.ReadOnly,
			"last_used": stampOrNil(k.LastUsed),
		}
	}), nil
}

func (c *call) userSigningKeys() (any, error) {
	user, err := c.asSelf()
	if err != nil {
		return nil, err
	}
	return paged(c, user.SigningKeys, true, func(k *Key) any {
		return object{"id": k.ID, "key": k.Key, "title": k.Title, "created_at": stamp(k.Created)}
	}), nil
}

func (c *call) userGPGKeys() (any, error) {
	user, err := c.asSelf()
	if err != nil {
		return nil, err
	}
	return paged(c, user.GPGKeys, true, func(k *GPGKey) any {
		emails := []object{}
		for _, email := range k.Emails {
			emails = append(emails, object{"email": email, "verified": true})
		}
		return object{
			"id": k.ID, "name": stringOrNil(k.Name), "primary_key_id": nil, "key_id": k.KeyID,
			"public_key": "xsBNBFayYZ...", "emails": emails, "subkeys": []object{}, "can_sign": true,
			"can_encrypt_comms": false, "can_encrypt_storage": false, "can_certify": true,
			"created_at": stamp(k.Created), "expires_at": stampOrNil(k.Expires), "revoked": k.Revoked, "raw_key": nil,
		}
	}), nil
}

func (c *call) gists() (any, error) {
	user, err := c.asSelf()
	if err != nil {
		return nil, err
	}
	secret := 0
	if c.token.Kind == Classic && c.token.hasScope("gist") {
		secret = user.SecretGists
	}
	var numbers []int
	for n := range user.PublicGists + secret {
		numbers = append(numbers, n)
	}
	return paged(c, numbers, true, func(n int) any {
		id := fmt.Sprintf("%032x", n+1)
		self := c.api() + "gists/" + id
		return object{
			"id": id, "node_id": "G_" + id, "url": self, "forks_url": self + "/forks", "commits_url": self + "/commits",
			"git_pull_url": c.web() + id + ".git", "git_push_url": c.web() + id + ".git", "html_url": c.web() + id,
			"comments_url": self + "/comments", "public": n < user.PublicGists, "description": nil, "comments": 0,
			"user": nil, "files": object{}, "created_at": stamp(epoch), "updated_at": stamp(epoch),
			"owner": c.simpleUser(user, "User"),
		}
	}), nil
}

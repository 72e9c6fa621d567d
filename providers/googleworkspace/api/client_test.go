package api

import (
	"context"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// people is a list of users.
type people struct {
	Envelope
	Users List[person] `json:"users"`
}

type person struct {
	ID string `json:"id"`
}

func (*people) Promised() string { return KindUserPage }
func (p *people) Flaw() string   { return p.Users.Flaw(&p.Envelope, KindUserPage, "users") }
func (p *people) page() *paging.Page[person] {
	return PageOf(0, &p.Users, "have no ID", func(user person) bool { return user.ID != "" })
}

func listPeople(ctx context.Context, client *Client) (ids []string, fault *Fault, err error) {
	_, fault, err = Drain(ctx, client, Accounts, paging.List[person]{
		Fetch: Pages(client, Call{Feature: Accounts, Path: "admin/directory/v1/users", Query: Query(
			"customer", client.Config.Customer, "maxResults", "100", "pageToken", "",
		)}, (*people).page),
		Key: func(user person) string { return user.ID },
	}, func(users []person) error {
		for _, user := range users {
			ids = append(ids, user.ID)
		}
		return nil
	})
	return ids, fault, err
}

func TestAListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Generated{Size: 450, GrantsEach: 1}, googlefake.Options{})
	config := r.connection()
	config.Subject = googletest.GeneratedAdmin
	client := r.open(config, inventory.GoogleWorkspace)
	ids, fault, err := listPeople(t.Context(), client)
	if err != nil || fault != nil {
		t.Fatal(fault, err)
	}
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != 450 || r.Server.Calls()["users.list"] != 5 {
		t.Errorf("%d users from %d pages", got, r.Server.Calls()["users.list"])
	}
	if got := client.Source(inventory.GoogleWorkspace, "users").Name; got != "generated.example/users" {
		t.Errorf("the source is called %q", got)
	}
}

func TestATokenThatIsRefusedIsRenewedAndARefusalOfTheNewOneIsTheCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	client := r.open(r.connection(), inventory.GoogleWorkspace)
	if _, fault, err := listPeople(t.Context(), client); fault != nil || err != nil {
		t.Fatal(fault, err)
	}
	r.Server.RevokeTokens()
	if _, fault, err := listPeople(t.Context(), client); fault != nil || err != nil {
		t.Errorf("a token that was revoked is not renewed: %v, %v", fault, err)
	}
	r.Server.Break(googlefake.Unauthorized().On("users.list"))
	if _, fault, err := listPeople(t.Context(), client); err != nil || fault == nil || fault.Cause != CauseCredential {
		t.Errorf("got %v, %v", fault, err)
	}
}

func TestAnAnswerProvesWhatItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		says   string // empty: it does
		users  int
	}{
		{"users", 200, `{"kind":"admin#directory#users","users":[{"id":"1"},{"id":"2"}]}`, "", 2},
		{"nobody-by-kind", 200, `{"kind":"admin#directory#users"}`, "", 0},
		{"nobody-by-member", 200, `{"users":[]}`, "", 0},
		{"an-entry-of-null-is-no-user", 200, `{"users":[null,{"id":"1"}]}`, "", 1},
		{"an-empty-object", 200, `{}`, "without its kind", 0},
		{"null", 200, `null`, "not a JSON object", 0},
		{"nothing", 204, ``, "status 204", 0},
		{"a-list-of-null", 200, `{"kind":"admin#directory#users","users":null}`, "null instead of users", 0},
		{"an-error-with-200", 200, `{"error":{"code":404}}`, "status 200 with an error", 0},
		{"another-kind", 200, `{"kind":"calendar#events","users":[]}`, `kind "calendar#events"`, 0},
		{"another-shape", 200, `{"users":{}}`, "another shape", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var answer people
			err := Decode(test.status, []byte(test.body), &answer)
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if got := len(answer.Users.Entries); err == nil && got != test.users {
				t.Errorf("%d users, want %d", got, test.users)
			}
		})
	}
}

func TestAFeatureOfTheOtherProviderIsNotRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.connection()
	config.Features = []Feature{Grants, Chrome}
	for provider, want := range map[inventory.Provider][]Feature{
		inventory.GoogleWorkspace: {Accounts, Grants}, inventory.ChromeManagement: {Chrome},
	} {
		if got := r.open(config, provider).Config.Features; !slices.Equal(got, want) {
			t.Errorf("%s reads %v, want %v", provider, got, want)
		}
	}
}

package googlefake

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Generated is an organization of any size that takes no memory: every user and grant follows from
// its number.
type Generated struct {
	// Size is the number of users.
	Size int
	// GrantsEach is the average number of grants of a user; numbers go from zero to twice that.
	GrantsEach int
}

// generatedDomain is the domain of generated organizations.
const generatedDomain = "generated.example"

// generatedBase is the ID of user 0. IDs have 21 digits, as Google's do.
const generatedBase = "100000000000"

// Customer implements [Organization].
func (g Generated) Customer() (id, domain string) { return "C0generated", generatedDomain }

// Users implements [Organization].
func (g Generated) Users(position string, limit int) (users []User, next string) {
	at, _ := strconv.Atoi(position)
	for ; at < g.Size && len(users) < limit; at++ {
		users = append(users, g.user(at))
	}
	if at < g.Size {
		next = strconv.Itoa(at)
	}
	return users, next
}

// User implements [Organization].
func (g Generated) User(key string) (User, bool) {
	digits, byEmail := strings.CutSuffix(strings.ToLower(key), "@"+generatedDomain)
	if byEmail {
		digits = strings.TrimPrefix(digits, "user")
	} else {
		digits = strings.TrimPrefix(key, generatedBase)
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= g.Size {
		return User{}, false
	}
	return g.user(n), true
}

// Grants implements [Organization].
func (g Generated) Grants(id string) []Grant {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, generatedBase))
	grants := make([]Grant, n%(2*g.GrantsEach+1))
	for i := range grants {
		grants[i] = generatedGrant((n*7 + i*i*31 + i) % 5000)
	}
	return grants
}

// AppPasswords implements [Organization].
func (g Generated) AppPasswords(id string) []AppPassword {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, generatedBase))
	if n%20 != 3 {
		return nil
	}
	return []AppPassword{{ID: n%7 + 1, Name: "Mail client", Created: time.Date(2025, 3, 1+n%28, 10, 0, 0, 0, time.UTC)}}
}

// Events implements [Organization]: a generated organization never changes.
func (g Generated) Events(string, string, time.Time, time.Time, time.Time) []Event { return nil }

// GrantCount implements [Organization].
func (g Generated) GrantCount(id string, _ time.Time) int { return len(g.Grants(id)) }

// Extensions implements [Organization].
func (g Generated) Extensions() []Extension { return nil }

// Policies implements [Organization].
func (g Generated) Policies() []Policy { return nil }

// Items is the number of grants and of app passwords in the whole organization.
func (g Generated) Items() (grants, passwords int) {
	for n := range g.Size {
		grants += n % (2*g.GrantsEach + 1)
		if n%20 == 3 {
			passwords++
		}
	}
	return grants, passwords
}

func (g Generated) user(n int) User {
	return User{
		ID:        fmt.Sprintf("%s%09d", generatedBase, n),
		Email:     fmt.Sprintf("user%07d@%s", n, generatedDomain),
		Name:      fmt.Sprintf("User %d", n),
		Unit:      [...]string{"/", "/Sales", "/Engineering", "/Engineering/Operations"}[n%4],
		Admin:     n == 0,
		Suspended: n%50 == 49,
		Enrolled:  n%10 != 0,
		Enforced:  n%3 == 0,
		Created:   time.Date(2022, 5, 1+n%28, 8, 0, 0, 0, time.UTC),
		LastLogin: time.Date(2026, 11, 1+n%20, 8, 30, 0, 0, time.UTC),
	}
}

func generatedGrant(app int) Grant {
	scopes := []string{"openid", "https://www.googleapis.com/auth/userinfo.email"}
	switch app % 4 {
	case 1:
		scopes = append(scopes, "https://www.googleapis.com/auth/calendar.readonly")
	case 2:
		scopes = append(scopes, "https://www.googleapis.com/auth/drive.file",
			"https://www.googleapis.com/auth/drive.readonly")
	case 3:
		scopes = append(scopes, "https://www.googleapis.com/auth/gmail.readonly")
	}
	return Grant{
		ClientID: fmt.Sprintf("%012d-%032d.apps.googleusercontent.com", 200000000000+app, app),
		Name:     fmt.Sprintf("Generated app %d", app), Type: "WEB", Native: app%9 == 0, Scopes: scopes,
	}
}

package simgraph

import (
	"encoding/base64"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

func (t *Tenant) userRoutes() []route {
	return []route{
		at("GET /users", t.listUsers, budget{directory, 2}),
		at("GET /users/delta", t.userDelta, budget{directory, 1}),
		at("GET /users/{user}", t.getUser, budget{directory, 1}),
	}
}

// user finds a user by id or userPrincipalName. Deleted users are not found.
func (t *Tenant) user(key string) *user {
	u := t.userByID[fold(key)]
	if u == nil {
		u = t.userByUPN[fold(key)]
	}
	if u == nil || u.deleted {
		return nil
	}
	return u
}

func (t *Tenant) getUser(c *call) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.user, userDefaults)
	if err != nil {
		return reply{}, err
	}
	u := t.user(c.args[0])
	if u == nil {
		return reply{}, missing(c.args[0])
	}
	body := u.render(picked)
	body["@odata.context"] = c.base + "/$metadata#users/$entity"
	return ok(body), nil
}

func (t *Tenant) listUsers(c *call) (reply, error) {
	if err := c.only("$select", "$top", "$skiptoken"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.user, userDefaults)
	if err != nil {
		return reply{}, err
	}
	return c.page("users", t.opts.PageSize, func(after, size int) (rows []any, last int, more bool) {
		for i := after; i < len(t.users); i++ {
			if t.users[i].deleted {
				continue
			}
			if len(rows) == size {
				return rows, last, true
			}
			rows, last = append(rows, t.users[i].render(picked)), i+1
		}
		return rows, last, false
	})
}

// render is the user's row with the properties picked. Properties that are not
// simulated are null.
func (u *user) render(picked []string) map[string]any {
	row := make(map[string]any, len(picked)+2)
	for _, name := range picked {
		row[name] = u.value(name)
	}
	return row
}

func (u *user) value(name string) any {
	switch name {
	case "id":
		return u.row.ID
	case "userPrincipalName":
		return u.row.UserPrincipalName
	case "displayName":
		return u.row.DisplayName
	case "mail":
		if u.row.Mail != "" {
			return u.row.Mail
		}
	case "accountEnabled":
		return u.row.AccountEnabled
	case "userType":
		return u.row.UserType
	case "assignedPlans":
		return append([]Plan{}, u.row.AssignedPlans...)
	case "businessPhones", "proxyAddresses", "otherMails", "assignedLicenses", "provisionedPlans":
		return []string{}
	}
	return nil
}

// seats renders places in a group as directory rows, one page of them.
func (t *Tenant) seats(c *call, g *group, fits func(person) bool) (reply, error) {
	if err := c.only("$select", "$top", "$skiptoken"); err != nil {
		return reply{}, err
	}
	picked, err := pick(c.query.Get("$select"), t.names.user, userDefaults)
	if err != nil {
		return reply{}, err
	}
	list := t.seen(g, c.now)
	return c.page("directoryObjects", t.opts.PageSize, func(after, size int) ([]any, int, bool) {
		return pageOf(list, after, size, fits, func(p person) any {
			row := p.user.render(picked)
			row["@odata.type"] = "#microsoft.graph.user"
			return row
		})
	})
}

// pageOf renders the places that joined after the given one.
func pageOf(list []person, after, size int, fits func(person) bool, render func(person) any) (rows []any, last int, more bool) {
	start := sort.Search(len(list), func(i int) bool { return list[i].n > after })
	for _, p := range list[start:] {
		if !fits(p) {
			continue
		}
		if len(rows) == size {
			return rows, last, true
		}
		rows, last = append(rows, render(p)), p.n
	}
	return rows, last, false
}

// pageToken is where a page ended. It is opaque to clients.
func pageToken(last int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("page " + strconv.Itoa(last)))
}

func readPageToken(token string) (int, error) {
	bad := refuse(http.StatusBadRequest, "Directory_ExpiredPageToken", "The specified page token value is not valid or has expired.")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, bad
	}
	number, found := strings.CutPrefix(string(raw), "page ")
	last, err := strconv.Atoi(number)
	if !found || err != nil {
		return 0, bad
	}
	return last, nil
}

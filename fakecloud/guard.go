package fakecloud

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// tokenCookie carries the operator's token in a browser.
const tokenCookie = "ivcs_token"

// operator guards what only the operator may do: whatever the method and the
// address, it needs the token.
func (c *Cloud) operator(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.Trusts(r) {
			c.challenge(w)
			return
		}
		ownSite(next).ServeHTTP(w, r)
	})
}

// ownSite refuses what a page of another site, or of another port of this host,
// has a browser send: the operator's cookie would go along with it.
func ownSite(next http.Handler) http.Handler { return new(http.CrossOriginProtection).Handler(next) }

// viewing guards what a viewer may look at: it needs the token when the cloud
// was told so (WithGuardedViewer) and for whatever is not mere reading.
func (c *Cloud) viewing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reading := r.Method == http.MethodGet || r.Method == http.MethodHead
		if (c.settings.guarded || !reading && c.settings.token != "") && !c.Trusts(r) {
			c.challenge(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// signIn lets a browser in that was given the page's address with the token in
// it: the token moves to a cookie and out of the address.
func (c *Cloud) signIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if !q.Has("token") || r.Method != http.MethodGet || !c.Trusts(r) {
			next.ServeHTTP(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: tokenCookie, Value: q.Get("token"), Path: "/",
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
		})
		q.Del("token")
		u := *r.URL
		u.RawQuery = q.Encode()
		http.Redirect(w, r, u.RequestURI(), http.StatusSeeOther)
	})
}

// Trusts tells whether the request carries the operator's token: as bearer token,
// in the cookie, or in the query, for players that can send neither.
func (c *Cloud) Trusts(r *http.Request) bool {
	given := r.URL.Query().Get("token")
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = token
	} else if cookie, err := r.Cookie(tokenCookie); err == nil && given == "" {
		given = cookie.Value
	}
	want := c.settings.token
	return want != "" && subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}

func (c *Cloud) challenge(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	write(w, refuse(http.StatusUnauthorized, "bad_token",
		"this needs the operator's token, which was printed at the start: send Authorization: Bearer TOKEN, or open the page with ?token=TOKEN"))
}

// write writes an answer that no fault can meet.
func write(w http.ResponseWriter, a answer) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // who has hung up wants no answer
}

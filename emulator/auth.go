package emulator

import (
	"slices"
	"strings"
	"time"
)

// Signature forms, as the journal names them.
const (
	formACS3 = "ACS3"
	formV1   = "V1"
)

// maxSkew is how far a client's clock may be off.
const maxSkew = 15 * time.Minute

// identity is who signed a call.
type identity struct {
	accountID string
	userName  string
	// roleName and sessionName are set for temporary credentials.
	roleName    string
	sessionName string
	deny        []string
}

func (id identity) denies(action string) bool {
	return slices.Contains(id.deny, action) || slices.Contains(id.deny, "*")
}

// temporary is a credential that STS issued.
type temporary struct {
	secret  string
	token   string
	expires time.Time
	identity
}

// authenticator decides who a caller is. It is guarded by Server.mu.
type authenticator struct {
	keys      map[string]Credential
	issued    map[string]temporary
	nonces    map[string]time.Time
	nextSweep time.Time
}

func newAuthenticator(opts Options) *authenticator {
	a := &authenticator{keys: map[string]Credential{}, issued: map[string]temporary{}, nonces: map[string]time.Time{}}
	for _, c := range opts.Credentials {
		a.keys[c.AccessKeyID] = c
	}
	return a
}

// claim is what a request says of its signature, in either form. An unsigned one has no form.
type claim struct {
	form        string
	accessKeyID string
	token       string
	timestamp   string
	nonce       string
	acs3        acs3Signature
}

// claimOf reads the signature of a request, whether or not it makes sense.
func claimOf(r *request) claim {
	header := r.http.Header
	if authorization := header.Get("Authorization"); authorization != "" {
		signature := parseACS3(authorization)
		return claim{
			form: formACS3, accessKeyID: signature.accessKeyID, token: header.Get("x-acs-security-token"),
			timestamp: header.Get("x-acs-date"), nonce: header.Get("x-acs-signature-nonce"), acs3: signature,
		}
	}
	c := claim{
		accessKeyID: r.common("AccessKeyId"), token: r.common("SecurityToken"), timestamp: r.common("Timestamp"), nonce: r.common("SignatureNonce"),
	}
	if r.common("Signature") != "" {
		c.form = formV1
	}
	return c
}

// checkForm refuses a claim in which something is missing.
func (c claim) checkForm(r *request) {
	if c.form == formACS3 && !c.acs3.complete() {
		badRequest("InvalidSignatureMethod", "The Authorization header is not of the form %s Credential=…,SignedHeaders=…,Signature=….", acs3Algorithm)
	}
	if c.form != formACS3 {
		for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce"} {
			if r.common(name) == "" {
				missing(name)
			}
		}
	}
	switch {
	case c.timestamp == "" && r.service == serviceKMS:
		badRequest("IllegalTimestamp", `The input parameter "Timestamp" that is mandatory for processing this request is not supplied.`)
	case c.timestamp == "":
		missing("Timestamp")
	case c.nonce == "":
		missing("SignatureNonce")
	case c.form != formACS3 && (r.common("SignatureMethod") != "HMAC-SHA1" || r.common("SignatureVersion") != "1.0"):
		badRequest("InvalidSignatureMethod", "Specified signature method is not valid.")
	}
}

// check verifies a claim and returns the caller, or refuses the call. It does not use the nonce up; see useNonce.
func (a *authenticator) check(r *request, c claim, now time.Time) identity {
	c.checkForm(r)
	signedAt, ok := parseTimestamp(c.timestamp)
	if !ok {
		badRequest("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
	}
	if now.Sub(signedAt).Abs() > maxSkew {
		badRequest("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	secret, who := a.secretOf(c, now)
	toSign := v1StringToSign(r.http.Method, r.query, r.form)
	matches := func() bool { return v1Matches(r.common("Signature"), toSign, secret) }
	if c.form == formACS3 {
		toSign = acs3CanonicalRequest(r.http, r.query, c.acs3.signedHeaders)
		matches = func() bool { return c.acs3.matches(r.http, toSign, r.body, secret) }
	}
	if !matches() {
		badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:%s", toSign)
	}
	if _, used := a.nonces[c.accessKeyID+"\n"+c.nonce]; used {
		badRequest("SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	return who
}

// secretOf returns the secret of an access key and who it belongs to.
func (a *authenticator) secretOf(c claim, now time.Time) (string, identity) {
	key, lasting := a.keys[c.accessKeyID]
	issued, known := a.issued[c.accessKeyID]
	switch {
	case lasting && key.Inactive:
		badRequest("InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
	case !lasting && !known:
		notFound("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	case known && c.token == "":
		missing("SecurityToken")
	case known && !strings.HasPrefix(c.token, tokenPrefix):
		badRequest("InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
	case c.token != issued.token: // which a lasting key has none of
		badRequest("InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken is not matched with the AccessKey.")
	case known && !now.Before(issued.expires):
		badRequest("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	case lasting:
		return key.Secret, identity{accountID: key.AccountID, userName: key.UserName, deny: key.Deny}
	}
	return issued.secret, issued.identity
}

// useNonce remembers a nonce for as long as a request with it could still pass the clock check.
func (a *authenticator) useNonce(c claim, now time.Time) {
	if now.After(a.nextSweep) {
		for nonce, expires := range a.nonces {
			if now.After(expires) {
				delete(a.nonces, nonce)
			}
		}
		a.nextSweep = now.Add(time.Minute)
	}
	a.nonces[c.accessKeyID+"\n"+c.nonce] = now.Add(2 * maxSkew)
}

const tokenPrefix = "CAIS"

// issue makes a temporary credential.
func (a *authenticator) issue(who identity, life time.Duration, now time.Time) (id string, t temporary) {
	id = "STS." + randomHex(12)
	t = temporary{
		secret: randomHex(20), token: tokenPrefix + randomHex(60), identity: who,
		// Whole seconds, as the Expiration that the client is told.
		expires: now.Add(life).Truncate(time.Second),
	}
	a.issued[id] = t
	return id, t
}

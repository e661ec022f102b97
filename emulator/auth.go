package emulator

import (
	"net/http"
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
	accessKeyID string
	accountID   string
	userName    string
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

// claim is what a request says of its signature, in either form.
type claim struct {
	form        string
	accessKeyID string
	token       string
	timestamp   string
	nonce       string
	matches     func(secret string) bool
	// toSign is shown when the signature does not match, as the cloud does.
	toSign string
}

// signer says by which form and key a request claims to be signed, whether or not the rest of it makes sense.
func signer(r *request) (form, accessKeyID string) {
	if header := r.http.Header.Get("Authorization"); header != "" {
		signature, _ := parseACS3(header)
		return formACS3, signature.accessKeyID
	}
	if r.common("Signature") != "" {
		return formV1, r.common("AccessKeyId")
	}
	return "", ""
}

// claimOf reads the signature of a request, failing if a part of it is missing.
func claimOf(r *request) (claim, *apiError) {
	if header := r.http.Header.Get("Authorization"); header != "" {
		c := claim{
			form:      formACS3,
			token:     r.http.Header.Get("x-acs-security-token"),
			timestamp: r.http.Header.Get("x-acs-date"),
			nonce:     r.http.Header.Get("x-acs-signature-nonce"),
		}
		signature, ok := parseACS3(header)
		if !ok {
			return c, fail(http.StatusBadRequest, "InvalidSignatureMethod",
				"The Authorization header is not of the form %s Credential=…,SignedHeaders=…,Signature=….", acs3Algorithm)
		}
		c.accessKeyID = signature.accessKeyID
		if c.timestamp == "" {
			return c, missingTimestamp(r.service)
		}
		if c.nonce == "" {
			return c, missing("SignatureNonce")
		}
		c.toSign = acs3CanonicalRequest(r.http, r.query, signature.signedHeaders, r.http.Header.Get("x-acs-content-sha256"))
		c.matches = func(secret string) bool { return acs3Matches(signature, r.http, r.query, r.body, secret) }
		return c, nil
	}
	c := claim{
		form:        formV1,
		accessKeyID: r.common("AccessKeyId"),
		token:       r.common("SecurityToken"),
		timestamp:   r.common("Timestamp"),
		nonce:       r.common("SignatureNonce"),
	}
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce"} {
		if r.common(name) == "" {
			return c, missing(name)
		}
	}
	if c.timestamp == "" {
		return c, missingTimestamp(r.service)
	}
	if r.common("SignatureMethod") != "HMAC-SHA1" || r.common("SignatureVersion") != "1.0" {
		return c, fail(http.StatusBadRequest, "InvalidSignatureMethod", "Specified signature method is not valid.")
	}
	c.toSign = v1StringToSign(r.http.Method, r.query, r.form)
	c.matches = func(secret string) bool { return v1Matches(r.common("Signature"), c.toSign, secret) }
	return c, nil
}

// missingTimestamp is a refusal for which KMS has a code of its own.
func missingTimestamp(service string) *apiError {
	if service == serviceKMS {
		return fail(http.StatusBadRequest, "IllegalTimestamp",
			`The input parameter "Timestamp" that is mandatory for processing this request is not supplied.`)
	}
	return missing("Timestamp")
}

// check verifies a claim and returns the caller. It does not use the nonce up; see useNonce.
func (a *authenticator) check(c claim, now time.Time) (identity, *apiError) {
	signedAt, ok := parseTimestamp(c.timestamp)
	if !ok {
		return identity{}, fail(http.StatusBadRequest, "InvalidTimeStamp.Format",
			"Specified time stamp or date value is not well formatted.")
	}
	if skew := now.Sub(signedAt); skew > maxSkew || skew < -maxSkew {
		return identity{}, fail(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	secret, who, refused := a.secretOf(c, now)
	if refused != nil {
		return identity{}, refused
	}
	if !c.matches(secret) {
		return identity{}, fail(http.StatusBadRequest, "SignatureDoesNotMatch",
			"Specified signature is not matched with our calculation. server string to sign is:%s", c.toSign)
	}
	if _, used := a.nonces[c.accessKeyID+"\n"+c.nonce]; used {
		return identity{}, fail(http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	return who, nil
}

func (a *authenticator) secretOf(c claim, now time.Time) (string, identity, *apiError) {
	if key, ok := a.keys[c.accessKeyID]; ok {
		if key.Inactive {
			return "", identity{}, fail(http.StatusBadRequest, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
		}
		if c.token != "" {
			return "", identity{}, tokenMismatch()
		}
		return key.Secret, identity{
			accessKeyID: key.AccessKeyID, accountID: key.AccountID, userName: key.UserName, deny: key.Deny,
		}, nil
	}
	issued, ok := a.issued[c.accessKeyID]
	if !ok {
		return "", identity{}, fail(http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	}
	switch {
	case c.token == "":
		return "", identity{}, missing("SecurityToken")
	case !strings.HasPrefix(c.token, tokenPrefix):
		return "", identity{}, fail(http.StatusBadRequest, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
	case c.token != issued.token:
		return "", identity{}, tokenMismatch()
	case !now.Before(issued.expires):
		return "", identity{}, fail(http.StatusBadRequest, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return issued.secret, issued.identity, nil
}

func tokenMismatch() *apiError {
	return fail(http.StatusBadRequest, "InvalidSecurityToken.MismatchWithAccessKey",
		"Specified SecurityToken is not matched with the AccessKey.")
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
	who.accessKeyID = id
	t = temporary{
		secret: randomHex(20), token: tokenPrefix + randomHex(60), identity: who,
		// Whole seconds, as the Expiration that the client is told.
		expires: now.Add(life).Truncate(time.Second),
	}
	a.issued[id] = t
	return id, t
}

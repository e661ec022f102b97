package emulator

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var stsOperations = map[string]operation{
	"GetCallerIdentity": {run: getCallerIdentity},
	"AssumeRole":        {required: []string{"RoleArn", "RoleSessionName"}, run: assumeRole},
	"AssumeRoleWithOIDC": {
		required: []string{"OIDCProviderArn", "RoleArn", "OIDCToken", "RoleSessionName"},
		unsigned: true, run: assumeRoleWithOIDC,
	},
}

// rootUser stands for the account itself among the names of RAM users.
const rootUser = "root"

// getCallerIdentity tells callers who they are.
func getCallerIdentity(_ *Server, r *request) (map[string]any, *apiError) {
	who := r.caller
	switch {
	case who.roleName != "":
		roleID := stableID(who.accountID, who.roleName)
		return map[string]any{
			"AccountId": who.accountID, "IdentityType": "AssumedRoleUser", "RoleId": roleID,
			"PrincipalId": roleID + ":" + who.sessionName, "Arn": roleSessionARN(who),
		}, nil
	case who.userName == rootUser:
		return map[string]any{
			"AccountId": who.accountID, "IdentityType": "Account", "UserId": who.accountID,
			"PrincipalId": who.accountID, "Arn": "acs:ram::" + who.accountID + ":root",
		}, nil
	}
	userID := stableID(who.accountID, who.userName)
	return map[string]any{
		"AccountId": who.accountID, "IdentityType": "RAMUser", "UserId": userID, "PrincipalId": userID,
		"Arn": "acs:ram::" + who.accountID + ":user/" + who.userName,
	}, nil
}

func roleSessionARN(who identity) string {
	return "acs:ram::" + who.accountID + ":assumed-role/" + who.roleName + "/" + who.sessionName
}

// stableID makes an 18-digit id that is the same for the same name every time.
func stableID(account, name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(account + "/" + name))
	return strconv.FormatUint(200000000000000000+h.Sum64()%99999999999999999, 10)
}

// assumeRole issues a temporary credential for a role of the caller's account.
func assumeRole(s *Server, r *request) (map[string]any, *apiError) {
	if r.caller.userName == rootUser && r.caller.roleName == "" {
		return nil, fail(http.StatusForbidden, "NoPermission", "Roles may not be assumed by root accounts.")
	}
	who, refused := roleOf(r, r.caller.accountID)
	if refused != nil {
		return nil, refused
	}
	who.deny = r.caller.deny
	return s.issue(r, who)
}

// assumeRoleWithOIDC issues a temporary credential for a token of an identity provider. The token's signature is not
// verified: there is no provider to ask.
func assumeRoleWithOIDC(s *Server, r *request) (map[string]any, *apiError) {
	account, ok := accountOfARN(r.get("OIDCProviderArn"), "oidc-provider/")
	if !ok {
		return nil, fail(http.StatusForbidden, "AuthenticationFail.NoPermission", "Parameter OIDCProviderArn is not valid")
	}
	if account != s.opts.AccountID {
		return nil, fail(http.StatusNotFound, "EntityNotExist.OIDCProvider", "The specified OIDC provider does not exist.")
	}
	claims, refused := readOIDCToken(r.get("OIDCToken"), time.Now())
	if refused != nil {
		return nil, refused
	}
	who, refused := roleOf(r, account)
	if refused != nil {
		return nil, refused
	}
	answer, refused := s.issue(r, who)
	if refused != nil {
		return nil, refused
	}
	answer["OIDCTokenInfo"] = map[string]any{"Subject": claims.Subject, "Issuer": claims.Issuer, "ClientIds": claims.Audience}
	return answer, nil
}

type oidcClaims struct {
	Subject  string
	Issuer   string
	Audience string
}

// readOIDCToken reads the claims of a JSON web token and checks that it has not expired.
func readOIDCToken(token string, now time.Time) (oidcClaims, *apiError) {
	invalid := fail(http.StatusBadRequest, "AuthenticationFail.OIDCToken.Invalid", "The OIDC token is invalid.")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return oidcClaims{}, invalid
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return oidcClaims{}, invalid
	}
	var claims struct {
		Sub string      `json:"sub"`
		Iss string      `json:"iss"`
		Aud any         `json:"aud"`
		Exp json.Number `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return oidcClaims{}, invalid
	}
	if claims.Exp != "" {
		exp, err := claims.Exp.Float64()
		if err != nil {
			return oidcClaims{}, invalid
		}
		if float64(now.Unix()) >= exp {
			return oidcClaims{}, fail(http.StatusBadRequest, "AuthenticationFail.OIDCToken.Expired", "The OIDC token is expired.")
		}
	}
	audience := ""
	switch aud := claims.Aud.(type) {
	case string:
		audience = aud
	case []any:
		var names []string
		for _, name := range aud {
			if text, ok := name.(string); ok {
				names = append(names, text)
			}
		}
		audience = strings.Join(names, ",")
	}
	return oidcClaims{Subject: claims.Sub, Issuer: claims.Iss, Audience: audience}, nil
}

var sessionNamePattern = regexp.MustCompile(`^[A-Za-z0-9.@\-_]{2,64}$`)

// missingRolePrefix begins the names of roles that do not exist; every other role does.
const missingRolePrefix = "missing"

func roleOf(r *request, account string) (identity, *apiError) {
	roleARN := r.get("RoleArn")
	owner, ok := accountOfARN(roleARN, "role/")
	if !ok {
		return identity{}, fail(http.StatusBadRequest, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
	}
	name := roleARN[strings.Index(roleARN, "role/")+len("role/"):]
	if owner != account || strings.HasPrefix(name, missingRolePrefix) {
		return identity{}, fail(http.StatusNotFound, "EntityNotExist.Role", "The specified Role not exists.")
	}
	session := r.get("RoleSessionName")
	if !sessionNamePattern.MatchString(session) {
		return identity{}, fail(http.StatusBadRequest, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
	}
	return identity{accountID: owner, roleName: name, sessionName: session}, nil
}

// accountOfARN returns the account of an ARN such as acs:ram::123:role/name.
func accountOfARN(arn, kind string) (string, bool) {
	rest, ok := strings.CutPrefix(arn, "acs:ram::")
	if !ok {
		return "", false
	}
	account, name, ok := strings.Cut(rest, ":")
	name, hasKind := strings.CutPrefix(name, kind)
	return account, ok && hasKind && name != "" && digitsPattern.MatchString(account)
}

const (
	minSession     = 900
	maxSession     = 43200
	defaultSession = 3600
)

// issue answers with a new temporary credential.
func (s *Server) issue(r *request, who identity) (map[string]any, *apiError) {
	seconds := defaultSession
	if text := r.get("DurationSeconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < minSession || n > maxSession {
			return nil, fail(http.StatusBadRequest, "InvalidParameter.DurationSeconds",
				"The Min/Max value of DurationSeconds is %d/%d.", minSession, maxSession)
		}
		seconds = n
	}
	if policy := r.get("Policy"); policy != "" && !json.Valid([]byte(policy)) {
		return nil, fail(http.StatusBadRequest, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
	}
	life := time.Duration(seconds) * time.Second
	if s.opts.MaxSession > 0 {
		life = min(life, s.opts.MaxSession)
	}
	id, issued := s.auth.issue(who, life, time.Now())
	r.effect.kind = EffectIssued
	return map[string]any{
		"Credentials": map[string]any{
			"AccessKeyId": id, "AccessKeySecret": issued.secret, "SecurityToken": issued.token, "Expiration": stamp(issued.expires),
		},
		"AssumedRoleUser": map[string]any{
			"Arn":           roleSessionARN(who),
			"AssumedRoleId": stableID(who.accountID, who.roleName) + ":" + who.sessionName,
		},
	}, nil
}

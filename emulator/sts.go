package emulator

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var stsOperations = map[string]operation{
	"GetCallerIdentity": {run: getCallerIdentity},
	"AssumeRole":        {required: []string{"RoleArn", "RoleSessionName"}, effect: "issued", run: assumeRole},
	"AssumeRoleWithOIDC": {
		required: []string{"OIDCProviderArn", "RoleArn", "OIDCToken", "RoleSessionName"}, unsigned: true, effect: "issued", run: assumeRoleWithOIDC,
	},
}

// rootUser stands for the account itself among the names of RAM users.
const rootUser = "root"

// getCallerIdentity tells callers who they are.
func getCallerIdentity(_ *Server, r *request) result {
	who := r.caller
	id := stableID(who.accountID, who.roleName+who.userName)
	switch {
	case who.roleName != "":
		return result{
			"AccountId": who.accountID, "IdentityType": "AssumedRoleUser", "RoleId": id,
			"PrincipalId": id + ":" + who.sessionName, "Arn": roleSessionARN(who),
		}
	case who.userName == rootUser:
		return result{
			"AccountId": who.accountID, "IdentityType": "Account", "UserId": who.accountID,
			"PrincipalId": who.accountID, "Arn": "acs:ram::" + who.accountID + ":root",
		}
	}
	return result{
		"AccountId": who.accountID, "IdentityType": "RAMUser", "UserId": id, "PrincipalId": id,
		"Arn": "acs:ram::" + who.accountID + ":user/" + who.userName,
	}
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
func assumeRole(s *Server, r *request) result {
	if r.caller.userName == rootUser {
		forbidden("NoPermission", "Roles may not be assumed by root accounts.")
	}
	who := wantedRole(r, r.caller.accountID)
	who.deny = r.caller.deny
	return s.issue(r, who)
}

// assumeRoleWithOIDC issues a temporary credential for a token of an identity provider. The token's signature is not
// verified: there is no provider to ask.
func assumeRoleWithOIDC(s *Server, r *request) result {
	account, _, ok := cutARN(r.get("OIDCProviderArn"), "oidc-provider/")
	switch {
	case !ok:
		forbidden("AuthenticationFail.NoPermission", "Parameter OIDCProviderArn is not valid")
	case account != s.opts.AccountID:
		notFound("EntityNotExist.OIDCProvider", "The specified OIDC provider does not exist.")
	}
	info := oidcTokenInfo(r.get("OIDCToken"))
	answer := s.issue(r, wantedRole(r, account))
	answer["OIDCTokenInfo"] = info
	return answer
}

// oidcTokenInfo reads the claims of a JSON web token and checks that it has not expired.
func oidcTokenInfo(token string) result {
	var claims struct {
		Sub string      `json:"sub"`
		Iss string      `json:"iss"`
		Aud any         `json:"aud"`
		Exp json.Number `json:"exp"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		invalidToken()
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		invalidToken()
	}
	if claims.Exp != "" {
		exp, err := claims.Exp.Float64()
		if err != nil {
			invalidToken()
		}
		if float64(time.Now().Unix()) >= exp {
			badRequest("AuthenticationFail.OIDCToken.Expired", "The OIDC token is expired.")
		}
	}
	audience, _ := claims.Aud.(string)
	if list, ok := claims.Aud.([]any); ok {
		var names []string
		for _, name := range list {
			if text, ok := name.(string); ok {
				names = append(names, text)
			}
		}
		audience = strings.Join(names, ",")
	}
	return result{"Subject": claims.Sub, "Issuer": claims.Iss, "ClientIds": audience}
}

func invalidToken() {
	badRequest("AuthenticationFail.OIDCToken.Invalid", "The OIDC token is invalid.")
}

var sessionNamePattern = regexp.MustCompile(`^[A-Za-z0-9.@\-_]{2,64}$`)

// missingRolePrefix begins the names of roles that do not exist; every other role does.
const missingRolePrefix = "missing"

// wantedRole reads the role of an account that a call wants to assume.
func wantedRole(r *request, account string) identity {
	owner, name, ok := cutARN(r.get("RoleArn"), "role/")
	session := r.get("RoleSessionName")
	switch {
	case !ok:
		badRequest("InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
	case owner != account || strings.HasPrefix(name, missingRolePrefix):
		notFound("EntityNotExist.Role", "The specified Role not exists.")
	case !sessionNamePattern.MatchString(session):
		badRequest("InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
	}
	return identity{accountID: owner, roleName: name, sessionName: session}
}

// cutARN returns the account and the name of an ARN such as acs:ram::123:role/name.
func cutARN(arn, kind string) (account, name string, ok bool) {
	rest, isRAM := strings.CutPrefix(arn, "acs:ram::")
	account, name, _ = strings.Cut(rest, ":")
	name, isKind := strings.CutPrefix(name, kind)
	return account, name, isRAM && isKind && name != "" && digitsPattern.MatchString(account)
}

const (
	minSession     = 900
	maxSession     = 43200
	defaultSession = 3600
)

// issue answers with a new temporary credential.
func (s *Server) issue(r *request, who identity) result {
	seconds := defaultSession
	if text := r.get("DurationSeconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < minSession || n > maxSession {
			badRequest("InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is %d/%d.", minSession, maxSession)
		}
		seconds = n
	}
	if policy := r.get("Policy"); policy != "" && !json.Valid([]byte(policy)) {
		badRequest("InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
	}
	life := time.Duration(seconds) * time.Second
	if s.opts.MaxSession > 0 {
		life = min(life, s.opts.MaxSession)
	}
	id, issued := s.auth.issue(who, life, time.Now())
	return result{
		"Credentials": result{
			"AccessKeyId": id, "AccessKeySecret": issued.secret, "SecurityToken": issued.token, "Expiration": stamp(issued.expires),
		},
		"AssumedRoleUser": result{"Arn": roleSessionARN(who), "AssumedRoleId": stableID(who.accountID, who.roleName) + ":" + who.sessionName},
	}
}

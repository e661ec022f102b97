package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/ini.v1"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// profile is one profile of a credentials file, in the words of the aliyun CLI's JSON file.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	Token           string `json:"sts_token"`
	RegionID        string `json:"region_id"`
	RoleArn         string `json:"ram_role_arn"`
	SessionName     string `json:"ram_session_name"`
	ExpiredSeconds  int    `json:"expired_seconds"`
	Policy          string `json:"policy"`
	ExternalID      string `json:"external_id"`
	SourceProfile   string `json:"source_profile"`
	RoleName        string `json:"ram_role_name"`
	OIDCProviderArn string `json:"oidc_provider_arn"`
	OIDCToken       string `json:"oidc_token"`
	OIDCTokenFile   string `json:"oidc_token_file"`
	ProcessCommand  string `json:"process_command"`
	CredentialsURI  string `json:"credentials_uri"`
	STSEndpoint     string `json:"sts_endpoint"`
	STSRegion       string `json:"sts_region"`
	EnableVPC       bool   `json:"enable_vpc"`

	key string // what a mode is called in the file, for messages: "mode" or "type"
}

// profileFile is a credentials file: JSON of the aliyun CLI or INI of an Alibaba Cloud SDK.
type profileFile struct {
	path     string
	current  string
	profiles []*profile
}

// profileModes are the modes of a JSON profile that can be used.
var profileModes = []string{"AK", "StsToken", "RamRoleArn", "ChainableRamRoleArn", "EcsRamRole", "OIDC", "External", "CredentialsURI"}

// iniTypes are the types of an INI profile, with the modes they are called in JSON.
var iniTypes = map[string]string{"access_key": "AK", "ram_role_arn": "RamRoleArn", "ecs_ram_role": "EcsRamRole"}

// unfinishedError is about a profile that nobody has filled in yet, such as the one that the aliyun CLI starts with.
type unfinishedError struct{ text string }

func (e *unfinishedError) Error() string { return e.text }

func isUnfinished(err error) bool {
	var u *unfinishedError
	return errors.As(err, &u)
}

// parseProfiles tells JSON and INI apart by content. Its errors repeat nothing of the file.
func parseProfiles(path string, content []byte) (*profileFile, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(bytes.TrimSpace(content), []byte("{")) {
		return parseJSONProfiles(path, content)
	}
	return parseINIProfiles(path, content)
}

func parseJSONProfiles(path string, content []byte) (*profileFile, error) {
	var file struct {
		Current  string     `json:"current"`
		Profiles []*profile `json:"profiles"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("the credentials file %s is no valid JSON file of the aliyun CLI%s", path, position(content, err))
	}
	file.Profiles = slices.DeleteFunc(file.Profiles, func(p *profile) bool { return p == nil })
	for _, p := range file.Profiles {
		p.key = "mode"
	}
	return &profileFile{path: path, current: file.Current, profiles: file.Profiles}, nil
}

// position says where a JSON error is, as far as it is known.
func position(content []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	offset := int64(0)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrong):
		offset = wrong.Offset
	}
	if offset <= 0 || offset > int64(len(content)) {
		return ""
	}
	return fmt.Sprintf(" (line %d)", 1+bytes.Count(content[:offset-1], []byte("\n")))
}

func parseINIProfiles(path string, content []byte) (*profileFile, error) {
	parsed, err := ini.Load(content)
	if err != nil {
		return nil, fmt.Errorf("the credentials file %s is neither a JSON file of the aliyun CLI nor an INI file", path)
	}
	file := &profileFile{path: path, current: "default"}
	for _, section := range parsed.Sections() {
		if len(section.Keys()) == 0 {
			continue // the parser's own section for keys without one
		}
		value := func(name string) string { return strings.TrimSpace(section.Key(name).String()) }
		kind := value("type")
		mode, known := iniTypes[kind]
		if !known {
			mode = kind
		}
		file.profiles = append(file.profiles, &profile{
			Name: section.Name(), Mode: mode, key: "type", RegionID: value("region_id"),
			AccessKeyID: value("access_key_id"), AccessKeySecret: value("access_key_secret"),
			RoleArn: value("role_arn"), SessionName: value("role_session_name"), Policy: value("policy"),
			RoleName: value("role_name"),
		})
	}
	return file, nil
}

// profile returns the profile of a name, or the current one for "".
func (f *profileFile) profile(name string) (*profile, error) {
	if name == "" {
		name = f.current
	}
	if name == "" {
		return nil, fmt.Errorf("the credentials file %s has no current profile: set alicloud-kms:profile", f.path)
	}
	var have []string
	for _, p := range f.profiles {
		if p.Name == name {
			return p, nil
		}
		have = append(have, p.Name)
	}
	if have == nil {
		return nil, fmt.Errorf("the credentials file %s has no profiles", f.path)
	}
	return nil, fmt.Errorf("the credentials file %s has no profile %q; it has %s", f.path, name, strings.Join(have, ", "))
}

// source returns the source of a profile's credentials. It contacts nothing.
func (b *builder) profileSource(f *profileFile, p *profile, seen ...string) (source, error) {
	if slices.Contains(seen, p.Name) {
		return nil, fmt.Errorf("the profiles of %s refer to each other in a circle: %s",
			f.path, strings.Join(append(seen, p.Name), " → "))
	}
	seen = append(seen, p.Name)
	switch mode := p.Mode; {
	case mode == "AK", p.key == "mode" && mode == "" && p.AccessKeyID != "": // the CLI's first versions wrote no mode
		return p.keys(f, "")
	case mode == "StsToken":
		if p.Token == "" {
			return nil, p.lacks(f, "sts_token")
		}
		return p.keys(f, p.Token)
	case mode == "RamRoleArn":
		base, err := p.keys(f, p.Token)
		if err != nil {
			return nil, err
		}
		return b.profileRole(f, p, base)
	case mode == "ChainableRamRoleArn":
		if p.SourceProfile == "" {
			return nil, p.lacks(f, "source_profile")
		}
		sourceProfile, err := f.profile(p.SourceProfile)
		if err != nil {
			return nil, fmt.Errorf("the source_profile of the profile %q cannot be used: %w", p.Name, err)
		}
		base, err := b.profileSource(f, sourceProfile, seen...)
		if err != nil {
			return nil, err
		}
		return b.profileRole(f, p, base)
	case mode == "EcsRamRole":
		return b.ecsRole(p.RoleName), nil
	case mode == "OIDC":
		return b.profileOIDC(f, p)
	case mode == "External":
		if p.ProcessCommand == "" {
			return nil, p.lacks(f, "process_command")
		}
		return &command{line: p.ProcessCommand, profile: p.Name}, nil
	case mode == "CredentialsURI":
		if p.CredentialsURI == "" {
			return nil, p.lacks(f, "credentials_uri")
		}
		if must := URIRule(p.CredentialsURI); must != "" {
			return nil, fmt.Errorf("the credentials_uri of the profile %q in %s must be %s", p.Name, f.path, must)
		}
		return b.uri(p.CredentialsURI), nil
	default:
		return nil, p.unsupported(f)
	}
}

func (p *profile) unsupported(f *profileFile) error {
	valid := profileModes
	if p.key == "type" {
		valid = []string{"access_key", "ecs_ram_role", "ram_role_arn"}
	}
	if p.Mode == "" {
		return fmt.Errorf("the profile %q in %s has no %s; it must be one of %s", p.Name, f.path, p.key, strings.Join(valid, ", "))
	}
	return fmt.Errorf("the profile %q in %s has the %s %q, which this provider cannot use; use a profile with one of %s",
		p.Name, f.path, p.key, p.Mode, strings.Join(valid, ", "))
}

func (p *profile) lacks(f *profileFile, field string) error {
	return fmt.Errorf("the profile %q in %s (%s %s) lacks %s", p.Name, f.path, p.key, p.modeName(), field)
}

// modeName is the mode as the file calls it.
func (p *profile) modeName() string {
	if p.key == "type" {
		for name, mode := range iniTypes {
			if mode == p.Mode {
				return name
			}
		}
	}
	return p.Mode
}

func (p *profile) keys(f *profileFile, token string) (source, error) {
	if p.AccessKeyID == "" || p.AccessKeySecret == "" {
		return nil, &unfinishedError{p.lacks(f, "access_key_id or access_key_secret").Error()}
	}
	return fixed(p.AccessKeyID, p.AccessKeySecret, token), nil
}

func (p *profile) role(f *profileFile) (cloud.Role, error) {
	if p.RoleArn == "" {
		field := "ram_role_arn"
		if p.key == "type" {
			field = "role_arn"
		}
		return cloud.Role{}, p.lacks(f, field)
	}
	return cloud.Role{ARN: p.RoleArn, SessionName: p.SessionName, Seconds: p.ExpiredSeconds, Policy: p.Policy, ExternalID: p.ExternalID}, nil
}

func (b *builder) profileRole(f *profileFile, p *profile, base source) (source, error) {
	role, err := p.role(f)
	if err != nil {
		return nil, err
	}
	s, err := b.withRole(newCache(base), role, p.stsPlace())
	return s, p.stsError(f, err)
}

func (b *builder) profileOIDC(f *profileFile, p *profile) (source, error) {
	role, err := p.role(f)
	switch {
	case err != nil:
		return nil, err
	case p.OIDCProviderArn == "":
		return nil, p.lacks(f, "oidc_provider_arn")
	case p.OIDCToken == "" && p.OIDCTokenFile == "":
		return nil, p.lacks(f, "oidc_token_file")
	}
	s, err := b.withOIDC(OIDC{Role: role, ProviderARN: p.OIDCProviderArn, Token: p.OIDCToken, TokenFile: p.OIDCTokenFile}, p.stsPlace())
	return s, p.stsError(f, err)
}

func (p *profile) stsPlace() stsPlace {
	return stsPlace{endpoint: p.STSEndpoint, region: p.STSRegion, vpc: p.EnableVPC}
}

func (p *profile) stsError(f *profileFile, err error) error {
	if err != nil {
		err = fmt.Errorf("the sts_endpoint or sts_region of the profile %q in %s cannot be used: %w", p.Name, f.path, err)
	}
	return err
}

// ProfileRegion is the region of the profile that the options name, and where it stands; "" if it has none. It reads files.
func ProfileRegion(o Options) (region, origin string, err error) {
	b := &builder{Options: o}
	b.Machine = o.Machine.WithDefaults()
	f, p, err := b.chosenProfile()
	if err != nil {
		return "", "", err
	}
	return p.RegionID, fmt.Sprintf("the region_id of the profile %q in %s", p.Name, f.path), nil
}

// chosenProfile finds the profile that the configuration or the environment names, or the current one of the file they
// name. It reads files.
func (b *builder) chosenProfile() (*profileFile, *profile, error) {
	name := either(b.Configured.Profile, b.Environment.Profile)
	if file := either(b.Configured.SharedCredentialsFile, b.Environment.SharedCredentialsFile); file.Text != "" {
		path := b.Machine.expand(file.Text)
		f, err := b.readProfiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("the credentials file %s does not exist (sharedCredentialsFile, from %s)", path, file.Origin)
		}
		if err != nil {
			return nil, nil, err
		}
		p, err := f.profile(name.Text)
		return f, p, err
	}
	cli, sdk := b.defaultFiles()
	var looked []string
	for _, path := range []string{cli, sdk} {
		f, err := b.readProfiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			looked = append(looked, path+" (does not exist)")
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if p, err := f.profile(name.Text); err == nil {
			return f, p, nil
		}
		looked = append(looked, path)
	}
	return nil, nil, fmt.Errorf("there is no profile %q (from %s) in %s", name.Text, name.Origin, strings.Join(looked, " and "))
}

func (b *builder) readProfiles(path string) (*profileFile, error) {
	content, err := b.Machine.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the credentials file: %w", err)
	}
	return parseProfiles(path, content)
}

// defaultFiles are the files of the aliyun CLI and of the Alibaba Cloud SDKs.
func (b *builder) defaultFiles() (cli, sdk string) {
	cli = b.Machine.Getenv("ALIBABA_CLOUD_CONFIG_FILE")
	if cli == "" {
		cli = "~/.aliyun/config.json"
	}
	return b.Machine.expand(cli), b.Machine.expand("~/.alibabacloud/credentials")
}

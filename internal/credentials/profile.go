package credentials

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// profile is one profile of a credentials file, in the words of the aliyun CLI's JSON file.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	Token           string `json:"sts_token"`
	RegionID        string `json:"region_id"`
	SourceProfile   string `json:"source_profile"`
	RoleName        string `json:"ram_role_name"`
	ProcessCommand  string `json:"process_command"`
	CredentialsURI  string `json:"credentials_uri"`
	Role

	file *profileFile
	word string // the mode or type as the file has it
}

// profileFile is a credentials file: JSON of the aliyun CLI or INI of an Alibaba Cloud SDK.
type profileFile struct {
	Current  string    `json:"current"`
	Profiles []profile `json:"profiles"`

	path     string
	modeWord string // what a mode is called in it: "mode" or "type"
	modes    string // the modes that can be used, in its words
}

// iniTypes are the types of an INI profile, with the modes they are called in JSON.
var iniTypes = map[string]string{"access_key": "AK", "ram_role_arn": "RamRoleArn", "ecs_ram_role": "EcsRamRole"}

// parseProfiles tells JSON and INI apart by content. Its errors repeat nothing of the file.
func parseProfiles(path string, content []byte) (*profileFile, error) {
	content = bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")))
	if !bytes.HasPrefix(content, []byte("{")) {
		return parseINIProfiles(path, content)
	}
	file := &profileFile{path: path, modeWord: "mode"}
	file.modes = "AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, OIDC, External, CredentialsURI"
	if json.Unmarshal(content, file) != nil {
		return nil, fmt.Errorf("the credentials file %s is no valid JSON file of the aliyun CLI", path)
	}
	for i := range file.Profiles {
		p := &file.Profiles[i]
		p.file, p.word = file, p.Mode
		if p.Mode == "" && p.AccessKeyID != "" { // as the CLI's first versions wrote it
			p.Mode = "AK"
		}
	}
	return file, nil
}

func parseINIProfiles(path string, content []byte) (*profileFile, error) {
	parsed, err := ini.Load(content)
	if err != nil {
		return nil, fmt.Errorf("the credentials file %s is neither a JSON file of the aliyun CLI nor an INI file", path)
	}
	file := &profileFile{path: path, modeWord: "type", modes: "access_key, ecs_ram_role, ram_role_arn", Current: "default"}
	for _, section := range parsed.Sections() {
		if len(section.Keys()) == 0 {
			continue // the parser's own section for keys without one
		}
		value := func(name string) string { return strings.TrimSpace(section.Key(name).String()) }
		file.Profiles = append(file.Profiles, profile{
			Name: section.Name(), Mode: iniTypes[value("type")], file: file, word: value("type"), RegionID: value("region_id"),
			AccessKeyID: value("access_key_id"), AccessKeySecret: value("access_key_secret"),
			Role: Role{ARN: value("role_arn"), SessionName: value("role_session_name"), Policy: value("policy")}, RoleName: value("role_name"),
		})
	}
	return file, nil
}

// profile returns the profile of a name, or the current one for "".
func (f *profileFile) profile(name string) (*profile, error) {
	if name = cmp.Or(name, f.Current); name == "" {
		return nil, fmt.Errorf("the credentials file %s has no current profile: set alicloud-kms:profile", f.path)
	}
	var have []string
	for i, p := range f.Profiles {
		if p.Name == name {
			return &f.Profiles[i], nil
		}
		have = append(have, p.Name)
	}
	if have == nil {
		return nil, fmt.Errorf("the credentials file %s has no profiles", f.path)
	}
	return nil, fmt.Errorf("the credentials file %s has no profile %q; it has %s", f.path, name, strings.Join(have, ", "))
}

func (p *profile) String() string { return fmt.Sprintf("the profile %q in %s", p.Name, p.file.path) }

// needs returns an error if one of the fields, given as pairs of name and value, is empty.
func (p *profile) needs(pairs ...string) error {
	for pair := range slices.Chunk(pairs, 2) {
		if name := pair[0]; pair[1] == "" {
			if p.file.modeWord == "type" {
				name = strings.TrimPrefix(name, "ram_")
			}
			return fmt.Errorf("%s (%s %s) lacks %s", p, p.file.modeWord, p.word, name)
		}
	}
	return nil
}

// profileSource returns the source of a profile's credentials. It contacts nothing.
func (o Options) profileSource(p *profile, seen ...string) (source, error) {
	if slices.Contains(seen, p.Name) {
		return nil, fmt.Errorf("the profiles of %s refer to each other in a circle: %s",
			p.file.path, strings.Join(append(seen, p.Name), " → "))
	}
	var base source // of a role
	err := p.needs("access_key_id", p.AccessKeyID, "access_key_secret", p.AccessKeySecret)
	switch p.Mode {
	case "AK":
		return fixed(p.AccessKeyID, p.AccessKeySecret, ""), err
	case "StsToken":
		return fixed(p.AccessKeyID, p.AccessKeySecret, p.Token), cmp.Or(err, p.needs("sts_token", p.Token))
	case "EcsRamRole":
		return o.ecsRole(p.RoleName), nil
	case "External":
		return command(p.ProcessCommand, p.Name), p.needs("process_command", p.ProcessCommand)
	case "CredentialsURI":
		if must := URIRule(p.CredentialsURI); must != "" && p.CredentialsURI != "" {
			return nil, fmt.Errorf("the credentials_uri of %s must be %s", p, must)
		}
		return o.uri(p.CredentialsURI), p.needs("credentials_uri", p.CredentialsURI)
	case "RamRoleArn":
		base = fixed(p.AccessKeyID, p.AccessKeySecret, p.Token)
	case "ChainableRamRoleArn":
		base, err = o.sourceProfile(p, append(seen, p.Name))
	case "OIDC":
		err = p.needs("ram_role_arn", p.ARN, "oidc_provider_arn", p.OIDCProviderARN, "oidc_token_file", p.OIDCToken+p.OIDCTokenFile)
	default:
		return nil, p.unusable()
	}
	if err = cmp.Or(err, p.needs("ram_role_arn", p.ARN)); err != nil {
		return nil, err
	}
	s, err := o.assume(base, p.Role)
	if err != nil {
		err = fmt.Errorf("the sts_endpoint or sts_region of %s cannot be used: %w", p, err)
	}
	return s, err
}

func (p *profile) unusable() error {
	if p.word == "" {
		return fmt.Errorf("%s has no %s; it must be one of %s", p, p.file.modeWord, p.file.modes)
	}
	return fmt.Errorf("%s has the %s %q, which this provider cannot use; use a profile with one of %s", p, p.file.modeWord, p.word, p.file.modes)
}

// sourceProfile is the source of the profile that may assume the role of this one.
func (o Options) sourceProfile(p *profile, seen []string) (source, error) {
	if err := p.needs("source_profile", p.SourceProfile); err != nil {
		return nil, err
	}
	base, err := p.file.profile(p.SourceProfile)
	if err != nil {
		return nil, fmt.Errorf("the source_profile of the profile %q cannot be used: %w", p.Name, err)
	}
	return o.profileSource(base, seen...)
}

// ProfileRegion is the region of the profile that the options name, and where it stands; "" if it has none. It reads files.
func ProfileRegion(o Options) (region, origin string, err error) {
	p, err := o.chosenProfile()
	if err != nil {
		return "", "", err
	}
	return p.RegionID, "the region_id of " + p.String(), nil
}

// chosenProfile finds the profile that the configuration or the environment names, or the current one of the file they
// name. It reads files.
func (o Options) chosenProfile() (*profile, error) {
	name, file := o.either("profile"), o.either("sharedCredentialsFile")
	paths := o.Machine.profileFiles()
	if file.Text != "" {
		paths = []string{o.Machine.expand(file.Text)}
	}
	var looked []string
	for _, path := range paths {
		f, err := o.Machine.readProfiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			looked = append(looked, path+" (does not exist)")
			continue
		}
		if err != nil {
			return nil, err
		}
		p, err := f.profile(name.Text)
		if err == nil || file.Text != "" {
			return p, err
		}
		looked = append(looked, path)
	}
	if file.Text != "" {
		return nil, fmt.Errorf("the credentials file %s does not exist (sharedCredentialsFile, from %s)", paths[0], file.Origin)
	}
	return nil, fmt.Errorf("there is no profile %q (from %s) in %s", name.Text, name.Origin, strings.Join(looked, " and "))
}

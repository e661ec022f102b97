package credentials

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

func TestProfileLoop(t *testing.T) {
	t.Parallel()
	b := Options{Machine: blank(), Client: cloud.Options{Region: "cn-hangzhou"}}
	f := &profileFile{path: "/creds", modeWord: "mode"}
	chained := func(name, from string) *profile {
		return &profile{Name: name, Mode: "ChainableRamRoleArn", SourceProfile: from, RoleArn: testRole, file: f, word: "ChainableRamRoleArn"}
	}
	f.profiles = []*profile{chained("a", "b"), chained("b", "c"), chained("c", "b")}
	_, err := b.profileSource(f.profiles[0])
	if want := "the profiles of /creds refer to each other in a circle: a → b → c → b"; err == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
}

// JSON and INI are told apart by content, whatever the file is called.
func TestParseProfiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, modeWord string }{
		"JSON":               {`{"profiles":[{"name":"p","mode":"AK"}]}`, "mode"},
		"JSON with a mark":   {"\xef\xbb\xbf {\"profiles\":[{\"name\":\"p\",\"mode\":\"AK\"}]}", "mode"},
		"JSON after blanks":  {"\n\t {\"profiles\":[{\"name\":\"p\",\"mode\":\"AK\"}]}", "mode"},
		"INI":                {"[p]\ntype=access_key", "type"},
		"INI with a comment": {"# {\n[p]\ntype = access_key", "type"},
		"INI with a mark":    {"\xef\xbb\xbf[p]\ntype = access_key", "type"},
		"INI with CRLF":      {"[p]\r\ntype = access_key\r\n", "type"},
	} {
		f, err := parseProfiles("/creds.ini.json", []byte(c.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := f.profile("p")
		if err != nil || f.modeWord != c.modeWord || p.Mode != "AK" {
			t.Errorf("%s: got %v, %v", name, p, err)
		}
	}
}

func FuzzParseProfiles(f *testing.F) {
	f.Add(`{"current":"a","profiles":[{"name":"a","mode":"ChainableRamRoleArn","source_profile":"a"}]}`)
	f.Add("[default]\ntype=access_key\naccess_key_id=%(x)s\nx=%(access_key_id)s\n")
	f.Add("{")
	f.Fuzz(func(t *testing.T, content string) {
		file, err := parseProfiles("/creds", []byte(content))
		if err != nil {
			return
		}
		b := Options{Machine: blank(), Client: cloud.Options{Region: "cn-hangzhou"}}
		for _, p := range file.profiles {
			_, _ = b.profileSource(p)
		}
	})
}

package credentials

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

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

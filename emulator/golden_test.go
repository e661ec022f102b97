package emulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The common parameters of V1 that a client may add are signed and are not parameters of the action.
func TestFurtherCommonParameters(t *testing.T) {
	s, c := start(t, Options{})
	c.form = formV1
	c.common = func(p url.Values) {
		p.Set("SourceIp", "192.0.2.1")
		p.Set("SecureTransport", "true")
		p.Set("SignatureType", "")
		p.Set("RegionId", "cn-hangzhou") // the cloud's command line sends it with every action
	}
	c.ok(serviceKMS, "DescribeRegions", nil)
	calls := s.Journal()
	if got := calls[len(calls)-1].Parameters; len(got) != 1 || got["RegionId"] != "cn-hangzhou" {
		t.Errorf("the parameters of the action are %v", got)
	}
	c.tamper = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "192.0.2.1", "192.0.2.2", 1) }
	c.refused(serviceKMS, "DescribeRegions", nil, 400, "SignatureDoesNotMatch")
}

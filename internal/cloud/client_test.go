package cloud

import (
	"cmp"
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	for value, want := range map[string]string{ // "" = it is accepted
		"127.0.0.1:8080":               "",
		"https://kms.example.com":      "",
		"localhost:65535":              "",
		"kms.example.com":              "of this machine only",
		"http://127.0.0.1.example.com": "of this machine only",
		"https://kms.example.com/api":  "without a path",
		"localhost?x=1":                "without a path",
		"me:pw@localhost":              "without a path",
		"localhost:0":                  "without a path",
		"localhost:":                   "without a path",
		"ftp://localhost":              "without a path",
	} {
		if _, err := ParseEndpoint(value, "HTTP"); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q in it", value, err, want)
		}
	}
}

// Where requests go, by options and site.
func TestEndpoints(t *testing.T) {
	for _, test := range []struct {
		options    Options
		call, host string
	}{
		{Options{Region: "ap-southeast-1"}, "read", "kms.ap-southeast-1.aliyuncs.com"},
		{Options{KMSEndpoint: "kms-vpc.cn-hangzhou.aliyuncs.com"}, "read", "kms-vpc.cn-hangzhou.aliyuncs.com"},
		{Options{KMSEndpoint: "http://127.0.0.1:8080"}, "read", "127.0.0.1:8080"},
		{Options{Site: Domestic}, "order", bssDomesticHost},
		{Options{Site: International}, "order", bssInternationalHost},
		{Options{Site: International, BSSEndpoint: "business-vpc.cn-hangzhou.aliyuncs.com"}, "order", "business-vpc.cn-hangzhou.aliyuncs.com"},
		{Options{}, "vSwitches", "vpc.cn-hangzhou.aliyuncs.com"},
		{Options{Protocol: "HTTP"}, "vSwitches", "vpc.cn-hangzhou.aliyuncs.com"},
		{Options{VPCEndpoint: "http://127.0.0.1:1"}, "vSwitches", "127.0.0.1:1"},
	} {
		f := serve(t, replies(success))
		c := f.client(func(o *Options) {
			test.options.Region, test.options.Credentials, test.options.Transport = cmp.Or(test.options.Region, o.Region), o.Credentials, o.Transport
			*o = test.options
		})
		if test.call == "vSwitches" {
			_, _ = c.ListVSwitches(t.Context(), "vpc-1")
		} else if err := sampleCalls[test.call](t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := f.seen(1).Host; got != test.host {
			t.Errorf("sent to %s, want %s", got, test.host)
		}
	}
}

// A KMS endpoint is trusted to know the instances of a region if it is this machine's or its name has the region. More is in test/wire.
func TestKMSEndpointServes(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"https://KMS-VPC.cn-hangzhou.aliyuncs.com:443": true,
		"kms.cn-hangzhou.example.com":                  true,
		"http://[::1]:1":                               true,
		"my-kms.cn-hangzhou.aliyuncs.com":              false,
	} {
		c, err := New(Options{Region: "cn-hangzhou", KMSEndpoint: endpoint})
		if err != nil || c.KMSEndpointServes("cn-hangzhou") != want {
			t.Errorf("%q is not said to serve: %t, %v", endpoint, want, err)
		}
	}
}

package cloud

import (
	"strings"
	"testing"
)

func TestNewChecksOptions(t *testing.T) {
	t.Parallel()
	all := func(host string) Options { return Options{KMSEndpoint: host, BSSEndpoint: host, STSEndpoint: host} }
	with := func(o Options, protocol string) Options { o.Protocol = protocol; return o }
	for _, test := range []struct {
		name string
		o    Options
		want string // in the error; "" = no error
	}{
		{"defaults", Options{}, ""},
		{"HTTP on loopback", with(all("127.0.0.1:8080"), "HTTP"), ""},
		{"HTTP elsewhere", with(all("kms.example.com"), "HTTP"), "of this machine only"},
		{"HTTP to a host that only looks like loopback", all("http://127.0.0.1.example.com"), "of this machine only"},
		{"HTTP without endpoints", Options{Protocol: "HTTP"}, `endpoint "kms" is not set`},
		{"HTTP with one endpoint", Options{Protocol: "HTTP", KMSEndpoint: "127.0.0.1:1"}, `endpoint "bssopenapi" is not set`},
		{"other protocol", Options{Protocol: "FTP"}, "valid values are HTTPS and HTTP"},
		{"a path", all("https://kms.example.com/api"), "without a path"},
		{"a query", all("kms.example.com?x=1"), "without a path"},
		{"a user", all("https://me:pw@kms.example.com"), "without a path"},
		{"port 0", all("localhost:0"), "without a path"},
		{"an empty port", all("localhost:"), "without a path"},
		{"the greatest port", all("localhost:65535"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.o.Region, test.o.Credentials = "cn-hangzhou", staticKey(t)
			_, err := New(test.o)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("the error is %v, want %q in it", err, test.want)
			}
		})
	}
	for _, region := range []string{"", "cn hangzhou", "evil.example.com/", "cn-hangzhou.evil", "CN-HANGZHOU", "-"} {
		if _, err := New(Options{Region: region, Credentials: staticKey(t)}); err == nil || !strings.Contains(err.Error(), "cn-hangzhou is expected") {
			t.Errorf("region %q: the error is %v", region, err)
		}
	}
}

// Where requests go, by options and site.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options func(*Options)
		call    string
		host    string
	}{
		{"KMS by region", func(o *Options) { o.Region = "ap-southeast-1" }, "read", "kms.ap-southeast-1.aliyuncs.com"},
		{"KMS by user", func(o *Options) { o.KMSEndpoint = "kms-vpc.cn-hangzhou.aliyuncs.com" }, "read", "kms-vpc.cn-hangzhou.aliyuncs.com"},
		{"KMS over HTTP", func(o *Options) { o.KMSEndpoint = "http://127.0.0.1:8080" }, "read", "127.0.0.1:8080"},
		{"BSS at home", func(o *Options) { o.Site = Domestic }, "order", "business.aliyuncs.com"},
		{"BSS abroad", func(o *Options) { o.Site = International }, "order", "business.ap-southeast-1.aliyuncs.com"},
		{"VPC by region", func(*Options) {}, "vSwitches", "vpc.cn-hangzhou.aliyuncs.com"},
		{"VPC by user", func(o *Options) { o.VPCEndpoint = "http://127.0.0.1:1" }, "vSwitches", "127.0.0.1:1"},
		{"VPC over HTTPS", func(o *Options) {
			o.Protocol, o.KMSEndpoint, o.BSSEndpoint, o.STSEndpoint = "HTTP", "127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"
		}, "vSwitches", "vpc.cn-hangzhou.aliyuncs.com"},
		{"BSS by user", func(o *Options) { o.Site, o.BSSEndpoint = International, "business-vpc.cn-hangzhou.aliyuncs.com" }, "order", "business-vpc.cn-hangzhou.aliyuncs.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, replies(success))
			c := f.client(test.options)
			if test.call == "vSwitches" {
				_, _ = c.ListVSwitches(t.Context(), "vpc-1")
			} else if err := sampleCalls[test.call](t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if got := f.seen(1).Host; got != test.host {
				t.Errorf("sent to %s, want %s", got, test.host)
			}
		})
	}
}

// A KMS endpoint is trusted to know the instances of a region if it is this machine's or its name has the region.
func TestKMSEndpointServes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint, region string
		want             bool
	}{
		{"", "cn-hangzhou", true},
		{"", "cn-beijing", false},
		{"kms.cn-hangzhou.aliyuncs.com", "cn-hangzhou", true},
		{"https://KMS-VPC.cn-hangzhou.aliyuncs.com:443", "cn-hangzhou", true},
		{"kms.cn-hangzhou.example.com", "cn-hangzhou", true},
		{"kms.example.com", "cn-hangzhou", false},
		{"my-kms.cn-hangzhou.aliyuncs.com", "cn-hangzhou", false},
		{"http://127.0.0.1:8777", "cn-hangzhou", true},
		{"http://[::1]:1", "cn-beijing", true},
	} {
		c, err := New(Options{Region: "cn-hangzhou", KMSEndpoint: test.endpoint, Credentials: staticKey(t)})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.KMSEndpointServes(test.region); got != test.want {
			t.Errorf("%q serves %q: %t", test.endpoint, test.region, got)
		}
	}
}

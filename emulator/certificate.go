package emulator

import "strings"

// caCertificate is the chain that connected instances show: a real certificate, so that programs can parse it, with the
// line ends of the cloud. Nothing is served with it, and nobody has its key.
var caCertificate = strings.ReplaceAll(`-----BEGIN CERTIFICATE-----
MIIBvTCCAWOgAwIBAgIBATAKBggqhkjOPQQDAjBGMSQwIgYDVQQKExtlbXVsYXRl
ZCwgbm90IEFsaWJhYmEgQ2xvdWQxHjAcBgNVBAMTFWFsaWNsb3VkLWttcy1lbXVs
YXRvcjAeFw0yMDAxMDEwMDAwMDBaFw00OTAxMDEwMDAwMDBaMEYxJDAiBgNVBAoT
G2VtdWxhdGVkLCBub3QgQWxpYmFiYSBDbG91ZDEeMBwGA1UEAxMVYWxpY2xvdWQt
a21zLWVtdWxhdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEy4mA1dILhlXB
rU2FkB9Th3l7h/XbrPzHvs1V05s95RbG25uvqZnNJc9jFUEkjfIlof/vi6UqLzFC
ok/praT9lqNCMEAwDgYDVR0PAQH/BAQDAgIEMA8GA1UdEwEB/wQFMAMBAf8wHQYD
VR0OBBYEFARWKn2BRG7yNaa/WsmjraW9Z6/0MAoGCCqGSM49BAMCA0gAMEUCIQDI
BixRTsFFOtkBSRC3QF7mC9Oj71jXjH4rqPiol1RYUAIgLY+j5Q6SJKbw3i86A4pr
1eVV0FzvuaN3q82BE2s23qw=
-----END CERTIFICATE-----
`, "\n", "\r\n")

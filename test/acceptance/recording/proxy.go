package recording

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Proxy is an HTTPS proxy on loopback for the hosts of Alibaba Cloud that a KMS instance needs. It opens what goes through it, and
// passes it on.
type Proxy struct {
	URL  string // for HTTPS_PROXY
	Root string // the file of its certificate, for SSL_CERT_FILE

	server    *http.Server
	hosts     []string
	tls       *tls.Config
	transport http.RoundTripper
}

// NewProxy starts a proxy that passes requests on through a transport. It serves the hosts of one region, and leaves its certificate
// in the folder.
func NewProxy(folder, region string, transport http.RoundTripper) (*Proxy, error) {
	p := &Proxy{Root: filepath.Join(folder, "proxy.pem"), transport: transport, hosts: []string{DomesticBilling, InternationalBilling}}
	for _, service := range []string{"kms", "vpc", "sts"} {
		p.hosts = append(p.hosts, service+"."+region+".aliyuncs.com")
	}
	certificate, root, err := newCertificate(p.hosts)
	if err != nil {
		return nil, err
	}
	p.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if err := os.WriteFile(p.Root, root, 0o600); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.URL = "http://" + listener.Addr().String()
	p.server = &http.Server{Handler: http.HandlerFunc(p.connect), ReadHeaderTimeout: time.Minute}
	go func() { _ = p.server.Serve(listener) }() // ends with the server
	return p, nil
}

// Close ends the proxy.
func (p *Proxy) Close() { _ = p.server.Close() }

// connect answers CONNECT for the known hosts.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	hijacker, ok := w.(http.Hijacker)
	if host, _, err := net.SplitHostPort(r.Host); !ok || err != nil || r.Method != http.MethodConnect || !slices.Contains(p.hosts, host) {
		http.Error(w, "the recorder does not know "+r.Host, http.StatusForbidden)
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	opened := tls.Server(connection, p.tls)
	reader := bufio.NewReader(opened)
	for p.passOn(reader, opened) == nil {
	}
}

// passOn sends one request where its client wanted it to go. Only the coding of the answer is not the client's: plain text is recorded.
// If no answer comes, the connection of the client breaks, too.
func (p *Proxy) passOn(from *bufio.Reader, to io.Writer) error {
	request, err := http.ReadRequest(from)
	if err != nil {
		return err
	}
	request.URL.Scheme, request.URL.Host, request.RequestURI = "https", request.Host, ""
	request.Header.Del("Accept-Encoding")
	answer, err := p.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	return answer.Write(to)
}

// newCertificate makes a certificate of its own for hosts, and its PEM.
func newCertificate(hosts []string) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "recorder of the acceptance test"}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

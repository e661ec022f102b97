package recording

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// Proxy is an HTTPS proxy on loopback for the hosts of Alibaba Cloud that a KMS instance needs. It opens what goes through it, and
// passes it on.
type Proxy struct {
	URL  string // for HTTPS_PROXY
	Root string // the file of its certificate, for SSL_CERT_FILE

	outer, inner *http.Server
	roots        *x509.CertPool
}

// NewProxy starts a proxy that passes requests on through a transport. It serves the hosts of one region, and leaves its certificate
// in the folder.
func NewProxy(folder, region string, transport http.RoundTripper) (*Proxy, error) {
	hosts := []string{"sts.aliyuncs.com", DomesticBilling, InternationalBilling}
	for _, service := range []string{"kms", "vpc", "sts"} {
		hosts = append(hosts, service+"."+region+".aliyuncs.com")
	}
	certificate, root, err := newCertificate(hosts)
	if err != nil {
		return nil, err
	}
	p := &Proxy{Root: folder + "/proxy.pem", roots: x509.NewCertPool()}
	p.roots.AppendCertsFromPEM(root)
	if err := os.WriteFile(p.Root, root, 0o600); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed with the server
	if err != nil {
		return nil, err
	}
	p.URL = "http://" + listener.Addr().String()
	opened := newTunnels()
	quiet := log.New(io.Discard, "", 0) // the clients report what goes wrong
	p.inner = &http.Server{Handler: passOn(transport), ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	p.outer = &http.Server{Handler: connect(opened, hosts), ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	go func() { _ = p.outer.Serve(listener) }()
	go func() {
		_ = p.inner.Serve(tls.NewListener(opened, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}))
	}()
	return p, nil
}

// Transport leads a client of this process through the proxy.
func (p *Proxy) Transport() *http.Transport {
	return &http.Transport{
		Proxy:           func(*http.Request) (*url.URL, error) { return url.Parse(p.URL) },
		TLSClientConfig: &tls.Config{RootCAs: p.roots, MinVersion: tls.VersionTLS12},
	}
}

// Close ends the proxy.
func (p *Proxy) Close() {
	_ = p.outer.Close()
	_ = p.inner.Close()
}

// connect answers CONNECT for the known hosts, and hands the connection to the server that opens it.
func connect(opened *tunnels, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hijacker, ok := w.(http.Hijacker)
		if host, _, err := net.SplitHostPort(r.Host); !ok || err != nil || r.Method != http.MethodConnect || !slices.Contains(hosts, host) {
			http.Error(w, "the recorder does not know "+r.Host, http.StatusForbidden)
			return
		}
		connection, _, err := hijacker.Hijack()
		if err != nil {
			return
		}
		if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection established\r\n\r\n"); err == nil {
			opened.add(connection)
		}
	})
}

// passOn sends a request where its client wanted it to go. Only the coding of the answer is not the client's: plain text is recorded.
func passOn(transport http.RoundTripper) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.RequestURI = "https", r.Host, ""
		out.Header.Del("Accept-Encoding")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if out.Body = http.NoBody; len(body) > 0 {
			out.Body = io.NopCloser(bytes.NewReader(body))
		}
		answer, err := transport.RoundTrip(out)
		if err != nil {
			panic(http.ErrAbortHandler) // the client sees a connection that breaks, as the proxy did
		}
		defer func() { _ = answer.Body.Close() }()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	})
}

// tunnels are the connections that were opened with CONNECT, as a listener.
type tunnels struct {
	connections chan net.Conn
	closed      context.Context //nolint:containedctx // it ends Accept, and nothing else
	close       context.CancelFunc
}

func newTunnels() *tunnels {
	t := &tunnels{connections: make(chan net.Conn)}
	t.closed, t.close = context.WithCancel(context.Background())
	return t
}

// Accept is called by the server that opens the connections.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case connection := <-t.connections:
		return connection, nil
	case <-t.closed.Done():
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.close()
	return nil
}

func (t *tunnels) Addr() net.Addr { return &net.TCPAddr{} }

// add hands a connection to Accept.
func (t *tunnels) add(connection net.Conn) {
	select {
	case t.connections <- connection:
	case <-t.closed.Done():
		_ = connection.Close()
	}
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

// Emulator is the way to an emulator at a URL, or to the real hosts if the URL is empty.
func Emulator(address string) (http.RoundTripper, error) {
	if address == "" {
		return http.DefaultTransport, nil
	}
	to, err := url.Parse(address)
	if err != nil || to.Scheme != "http" || to.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of an emulator, such as http://127.0.0.1:8777", address)
	}
	plain := &http.Transport{}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, r.Host // the signature covers the host's name
		return plain.RoundTrip(out)
	}), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// serveAdmin serves the admin API. It is unsigned, so it answers only this machine, and no web page of another origin.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if !fromThisMachine(r) {
		adminError(w, http.StatusForbidden, "the admin API answers only requests from this machine, by a loopback address")
		return
	}
	s.adminMux().ServeHTTP(w, r)
}

func (s *Server) adminMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_admin/faults", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, s.Faults())
	})
	mux.HandleFunc("POST /_admin/faults", s.adminInject)
	mux.HandleFunc("DELETE /_admin/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_admin/journal", s.adminJournal)
	mux.HandleFunc("GET /_admin/orders", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, s.Orders())
	})
	mux.HandleFunc("GET /_admin/totals", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, s.Totals())
	})
	mux.HandleFunc("GET /_admin/clock", func(w http.ResponseWriter, _ *http.Request) { s.adminClock(w) })
	mux.HandleFunc("POST /_admin/clock/advance", s.adminAdvance)
	mux.HandleFunc("GET /_admin/instances", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, s.Instances())
	})
	mux.HandleFunc("POST /_admin/instances", s.adminSeed)
	mux.HandleFunc("GET /_admin/instances/{id}", func(w http.ResponseWriter, r *http.Request) {
		i, ok := s.Instance(r.PathValue("id"))
		if !ok {
			adminError(w, http.StatusNotFound, "there is no instance "+r.PathValue("id"))
			return
		}
		adminJSON(w, http.StatusOK, i)
	})
	mux.HandleFunc("PATCH /_admin/instances/{id}", s.adminChange)
	mux.HandleFunc("DELETE /_admin/instances/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Remove(r.PathValue("id")); err != nil {
			adminError(w, http.StatusNotFound, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_admin/networks", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, http.StatusOK, s.Networks())
	})
	mux.HandleFunc("POST /_admin/networks", s.adminDeclare)
	mux.HandleFunc("DELETE /_admin/networks/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.RemoveNetwork(r.PathValue("id")); err != nil {
			adminError(w, http.StatusNotFound, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_admin/reset", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Reset(); err != nil {
			adminError(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		adminError(w, http.StatusNotFound, r.Method+" "+r.URL.Path+" is not part of the admin API; it has totals, journal, orders, instances, networks, "+
			"clock, faults and reset, all under /_admin/ (see docs/emulator.md)")
	})
	return mux
}

// fromThisMachine says whether a request comes over loopback (or a pipe) and was meant for this machine: a web page
// that reaches 127.0.0.1 by a name of its own, or from its own origin, is refused.
func fromThisMachine(r *http.Request) bool {
	if r.RemoteAddr == (pipeAddr{}).String() {
		return true
	}
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !address.Addr().Unmap().IsLoopback() {
		return false
	}
	if !loopbackHost(r.Host) {
		return false
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		return err == nil && u.Host == r.Host
	}
	return true
}

func loopbackHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

func (s *Server) adminInject(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		adminError(w, http.StatusBadRequest, "the body cannot be read")
		return
	}
	faults := []Fault{}
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		err = decodeStrict(body, &faults)
	} else {
		var one Fault
		err = decodeStrict(body, &one)
		faults = append(faults, one)
	}
	if err == nil {
		err = s.Inject(faults...)
	}
	if err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	adminJSON(w, http.StatusOK, s.Faults())
}

// adminJournal shows the journal: ?format=text for lines, ?after=SEQ for what came later, ?action=NAME for one action.
func (s *Server) adminJournal(w http.ResponseWriter, r *http.Request) {
	after := 0
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.Atoi(text); err != nil {
			adminError(w, http.StatusBadRequest, "after must be a sequence number")
			return
		}
	}
	action := r.URL.Query().Get("action")
	calls := []Call{}
	for _, c := range s.Journal() {
		if c.Seq > after && (action == "" || c.Action == action) {
			calls = append(calls, c)
		}
	}
	if r.URL.Query().Get("format") == "text" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, c := range calls {
			_, _ = io.WriteString(w, c.line()+"\n")
		}
		return
	}
	adminJSON(w, http.StatusOK, calls)
}

func (s *Server) adminClock(w http.ResponseWriter) {
	adminJSON(w, http.StatusOK, map[string]any{"now": s.Now(), "virtual": s.opts.VirtualClock})
}

func (s *Server) adminAdvance(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Seconds float64 `json:"seconds"`
	}
	if err := readStrict(w, r, &body); err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	const century = 100 * 365 * 24 * 3600
	if body.Seconds <= 0 || body.Seconds > century {
		adminError(w, http.StatusBadRequest, "seconds must be more than 0; time does not run backwards")
		return
	}
	s.Advance(time.Duration(body.Seconds * float64(time.Second)))
	if err := s.save(); err != nil {
		adminError(w, http.StatusInternalServerError, err.Error())
		return
	}
	s.adminClock(w)
}

func (s *Server) adminSeed(w http.ResponseWriter, r *http.Request) {
	var i Instance
	if err := readStrict(w, r, &i); err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	kept, err := s.Seed(i)
	if err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	adminJSON(w, http.StatusCreated, kept)
}

func (s *Server) adminDeclare(w http.ResponseWriter, r *http.Request) {
	var n Network
	if err := readStrict(w, r, &n); err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	kept, err := s.AddNetwork(n)
	if err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	adminJSON(w, http.StatusCreated, kept)
}

func (s *Server) adminChange(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, ok := s.Instance(id); !ok {
		adminError(w, http.StatusNotFound, "there is no instance "+id)
		return
	}
	var p Patch
	if err := readStrict(w, r, &p); err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	changed, err := s.Change(id, p)
	if err != nil {
		adminError(w, http.StatusBadRequest, err.Error())
		return
	}
	adminJSON(w, http.StatusOK, changed)
}

func readStrict(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return errors.New("the body cannot be read")
	}
	return decodeStrict(body, into)
}

// decodeStrict refuses unknown fields: a misspelt one would otherwise quietly do nothing.
func decodeStrict(body []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON that is expected: %w", err)
	}
	if decoder.More() {
		return errors.New("the body has something after its JSON")
	}
	return nil
}

func adminJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, "the answer cannot be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

func adminError(w http.ResponseWriter, status int, message string) {
	adminJSON(w, status, map[string]string{"error": message})
}

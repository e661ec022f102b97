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
	for pattern, answer := range map[string]func(r *http.Request) (any, error){
		"GET /_admin/totals":            func(*http.Request) (any, error) { return s.Totals(), nil },
		"GET /_admin/orders":            func(*http.Request) (any, error) { return s.Orders(), nil },
		"GET /_admin/clock":             func(*http.Request) (any, error) { return s.adminClock(), nil },
		"POST /_admin/clock/advance":    s.adminAdvance,
		"GET /_admin/faults":            func(*http.Request) (any, error) { return s.Faults(), nil },
		"POST /_admin/faults":           s.adminInject,
		"DELETE /_admin/faults":         func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil },
		"GET /_admin/instances":         func(*http.Request) (any, error) { return s.Instances(), nil },
		"POST /_admin/instances":        func(r *http.Request) (any, error) { return put(r, s.Seed) },
		"GET /_admin/instances/{id}":    func(r *http.Request) (any, error) { return s.shown(r.PathValue("id")) },
		"PATCH /_admin/instances/{id}":  s.adminChange,
		"DELETE /_admin/instances/{id}": func(r *http.Request) (any, error) { return nil, notThere(s.Remove(r.PathValue("id"))) },
		"GET /_admin/networks":          func(*http.Request) (any, error) { return s.Networks(), nil },
		"POST /_admin/networks":         func(r *http.Request) (any, error) { return put(r, s.AddNetwork) },
		"DELETE /_admin/networks/{id}":  func(r *http.Request) (any, error) { return nil, notThere(s.RemoveNetwork(r.PathValue("id"))) },
		"POST /_admin/reset":            func(*http.Request) (any, error) { return nil, s.Reset() },
		"/": func(r *http.Request) (any, error) {
			return nil, notThere(fmt.Errorf("%s %s is not part of the admin API; it has totals, journal, orders, instances, networks, clock, faults "+
				"and reset, all under /_admin/ (see docs/emulator.md)", r.Method, r.URL.Path))
		},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { adminAnswer(w, r, answer) })
	}
	mux.HandleFunc("GET /_admin/journal", s.adminJournal)
	return mux
}

// adminAnswer sends what an admin request asks for: nothing with 204, something new with 201.
func adminAnswer(w http.ResponseWriter, r *http.Request, answer func(*http.Request) (any, error)) {
	result, err := answer(r)
	made, isNew := result.(created)
	switch {
	case errors.As(err, &missingError{}):
		adminError(w, http.StatusNotFound, err.Error())
	case err != nil:
		adminError(w, http.StatusBadRequest, err.Error())
	case isNew:
		adminJSON(w, http.StatusCreated, made.it)
	case result == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		adminJSON(w, http.StatusOK, result)
	}
}

// created marks the answer of a request that put something there.
type created struct{ it any }

// missingError is about something that is not there.
type missingError struct{ error }

func notThere(err error) error {
	if err == nil {
		return nil
	}
	return missingError{err}
}

// put reads what is to be put there, and puts it there.
func put[T any](r *http.Request, add func(T) (T, error)) (any, error) {
	var given T
	if err := readStrict(r, &given); err != nil {
		return nil, err
	}
	kept, err := add(given)
	return created{kept}, err
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

// shown returns an instance, or an error that says that there is none.
func (s *Server) shown(id string) (any, error) {
	i, ok := s.Instance(id)
	if !ok {
		return nil, notThere(fmt.Errorf("there is no instance %s", id))
	}
	return i, nil
}

// adminInject takes one fault or a list.
func (s *Server) adminInject(r *http.Request) (any, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		body = []byte("[" + string(body) + "]")
	}
	var faults []Fault
	if err := decodeStrict(body, &faults); err != nil {
		return nil, err
	}
	if len(faults) == 0 {
		return nil, errors.New("there is no fault in the body")
	}
	if err := s.Inject(faults...); err != nil {
		return nil, err
	}
	return s.Faults(), nil
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

func (s *Server) adminClock() any {
	return map[string]any{"now": s.Now(), "virtual": s.opts.VirtualClock}
}

func (s *Server) adminAdvance(r *http.Request) (any, error) {
	var body struct {
		Seconds float64 `json:"seconds"`
	}
	if err := readStrict(r, &body); err != nil {
		return nil, err
	}
	const century = 100 * 365 * 24 * 3600
	if body.Seconds <= 0 || body.Seconds > century {
		return nil, errors.New("seconds must be more than 0; time does not run backwards")
	}
	s.Advance(time.Duration(body.Seconds * float64(time.Second)))
	return s.adminClock(), s.save()
}

// adminChange takes sizes in a map of their own, as an instance shows them, or beside the other fields.
func (s *Server) adminChange(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if _, err := s.shown(id); err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := readStrict(r, &fields); err != nil {
		return nil, err
	}
	var change Patch
	if sizes, ok := fields["sizes"]; ok {
		delete(fields, "sizes")
		var check Sizes
		if err := errors.Join(decodeStrict(sizes, &check), decodeStrict(sizes, &change)); err != nil {
			return nil, err
		}
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if err := decodeStrict(rest, &change); err != nil {
		return nil, err
	}
	return s.Change(id, change)
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, errors.New("the body cannot be read")
	}
	return body, nil
}

func readStrict(r *http.Request, into any) error {
	body, err := readBody(r)
	if err != nil {
		return err
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

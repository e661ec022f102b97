package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// serveAdmin serves the admin API. It is unsigned, so it answers only this machine, and no web page of another origin.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if !fromThisMachine(r) {
		adminJSON(w, http.StatusForbidden, adminMessage{"the admin API answers only requests from this machine, by a loopback address"})
		return
	}
	s.adminMux().ServeHTTP(w, r)
}

func (s *Server) adminMux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(r *http.Request) (any, error){
		"GET /_admin/totals":            func(*http.Request) (any, error) { return s.Totals(), nil },
		"GET /_admin/journal":           func(*http.Request) (any, error) { return s.Journal(), nil },
		"GET /_admin/orders":            func(*http.Request) (any, error) { return s.Orders(), nil },
		"POST /_admin/clock/advance":    s.adminAdvance,
		"POST /_admin/faults":           s.adminInject,
		"DELETE /_admin/faults":         func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil },
		"GET /_admin/instances":         func(*http.Request) (any, error) { return s.Instances(), nil },
		"POST /_admin/instances":        func(r *http.Request) (any, error) { return put(r, s.Seed) },
		"GET /_admin/instances/{id}":    func(r *http.Request) (any, error) { return s.shown(r.PathValue("id")) },
		"PATCH /_admin/instances/{id}":  s.adminChange,
		"DELETE /_admin/instances/{id}": func(r *http.Request) (any, error) { return nil, notThere(s.Remove(r.PathValue("id"))) },
		"GET /_admin/networks":          func(*http.Request) (any, error) { return s.Networks(), nil },
		"POST /_admin/networks":         func(r *http.Request) (any, error) { return put(r, s.AddNetwork) },
		"POST /_admin/reset":            func(*http.Request) (any, error) { return nil, s.Reset() },
		"/": func(r *http.Request) (any, error) {
			return nil, notThere(fmt.Errorf("%s %s is not part of the admin API; it has totals, journal, orders, instances, networks, clock, faults "+
				"and reset, all under /_admin/ (see docs/emulator.md)", r.Method, r.URL.Path))
		},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, body := http.StatusOK, any(nil)
			result, err := answer(r)
			switch made, isNew := result.(created); {
			case errors.As(err, &missingError{}):
				status, body = http.StatusNotFound, adminMessage{err.Error()}
			case err != nil:
				status, body = http.StatusBadRequest, adminMessage{err.Error()}
			case isNew:
				status, body = http.StatusCreated, made.it
			case result == nil:
				status = http.StatusNoContent
			default:
				body = result
			}
			adminJSON(w, status, body)
		})
	}
	return mux
}

type created struct{ it any }

type adminMessage struct {
	Error string `json:"error"`
}

type missingError struct{ error }

func notThere(err error) error {
	if err == nil {
		return nil
	}
	return missingError{err}
}

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
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	origin := r.Header.Get("Origin")
	return err == nil && peer.Addr().Unmap().IsLoopback() && loopbackHost(r.Host) && (origin == "" || origin == "http://"+r.Host)
}

func loopbackHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (s *Server) shown(id string) (any, error) {
	i, ok := s.Instance(id)
	if !ok {
		return nil, notThere(fmt.Errorf("there is no instance %s", id))
	}
	return i, nil
}

func (s *Server) adminInject(r *http.Request) (any, error) {
	var body json.RawMessage
	if err := readStrict(r, &body); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(body, []byte("[")) {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	var faults []Fault
	if err := decodeStrict(body, &faults); err != nil {
		return nil, err
	}
	if err := s.Inject(faults...); err != nil {
		return nil, err
	}
	return s.Faults(), nil
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
	return map[string]any{"now": s.Now(), "virtual": s.opts.VirtualClock}, s.save()
}

// adminChange takes sizes in a map of their own, as an instance shows them.
func (s *Server) adminChange(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if _, err := s.shown(id); err != nil {
		return nil, err
	}
	var body struct {
		Patch
		Sizes json.RawMessage `json:"sizes"`
	}
	if err := readStrict(r, &body); err != nil {
		return nil, err
	}
	if body.Sizes != nil {
		if err := errors.Join(decodeStrict(body.Sizes, &Sizes{}), json.Unmarshal(body.Sizes, &body.Patch)); err != nil {
			return nil, err
		}
	}
	return s.Change(id, body.Patch)
}

// readStrict refuses unknown fields: a misspelt one would otherwise quietly do nothing.
func readStrict(r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return errors.New("the body cannot be read")
	}
	return decodeStrict(body, into)
}

func decodeStrict(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body is not the JSON that is expected: %w", err)
	}
	if decoder.More() {
		return errors.New("the body has something after its JSON")
	}
	return nil
}

func adminJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if answer != nil {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(answer) // the client may have left
	}
}

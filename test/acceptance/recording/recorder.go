package recording

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// Recorder is a transport that keeps all requests and answers, and writes them to a file at its end.
type Recorder struct {
	vcr     *recorder.Recorder
	file    string
	secrets *secrets
}

// arrived is the header of a recorded request that says when it was made.
const arrived = "Recorded-At"

// NewRecorder records into a file with the ending .yaml what goes through a transport. The credential is what must not be in it; watch,
// if it is not nil, sees each call before the client has its answer.
func NewRecorder(file string, transport http.RoundTripper, credential Credential, watch func(Call) error) (*Recorder, error) {
	r := &Recorder{file: file, secrets: newSecrets(credential)}
	var err error
	r.vcr, err = recorder.New(strings.TrimSuffix(file, ".yaml"), recorder.WithMode(recorder.ModeRecordOnly),
		recorder.WithRealTransport(transport), recorder.WithSkipRequestLatency(true),
		recorder.WithHook(func(i *cassette.Interaction) error {
			i.Request.Headers = i.Request.Headers.Clone()
			i.Request.Headers.Set(arrived, time.Now().Add(-i.Response.Duration).Format(time.RFC3339Nano))
			call, err := callOf(i)
			if err != nil { // an answer that is no JSON is recorded as it is, and no reader of the recording will like it
				return nil //nolint:nilerr // the client must see the answer all the same
			}
			r.secrets.collect(call)
			if watch != nil {
				return watch(call)
			}
			return nil
		}, recorder.AfterCaptureHook),
		recorder.WithHook(r.clean, recorder.BeforeSaveHook))
	return r, err
}

// RoundTrip sends a request.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	return r.vcr.RoundTrip(request)
}

// clean takes all secrets out of a call, and all headers with them.
func (r *Recorder) clean(i *cassette.Interaction) error {
	request, answer := i.Request, i.Response
	i.Request = cassette.Request{Proto: request.Proto, Host: request.Host, Method: request.Method}
	parameters, err := parametersOf(request)
	if err != nil {
		return err
	}
	cleaned := url.Values{}
	for name, value := range parameters {
		cleaned.Set(name, fmt.Sprint(walk(name, value, r.secrets.replaced)))
	}
	i.Request.URL = "https://" + request.Host + "/?" + cleaned.Encode()
	i.Request.Headers = kept(request.Headers, "X-Acs-Action", "X-Acs-Version", arrived)
	i.Response = cassette.Response{Status: answer.Status, Code: answer.Code, Duration: answer.Duration, Body: r.secrets.body(answer.Body)}
	i.Response.Headers = kept(answer.Headers, "Content-Type", "Date")
	return nil
}

func kept(headers http.Header, names ...string) http.Header {
	few := http.Header{}
	for _, name := range names {
		if value := headers.Get(name); value != "" {
			few.Set(name, value)
		}
	}
	return few
}

// Stop writes the file, and removes it again if a secret is in it after all.
func (r *Recorder) Stop() error {
	if err := r.vcr.Stop(); err != nil {
		return fmt.Errorf("the recording could not be written: %w", err)
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	if r.secrets.in(string(text)) {
		return errors.Join(errors.New("the recording had a secret in it, and was not kept"), os.Remove(r.file))
	}
	return os.WriteFile(r.file, append(text, end...), 0o600)
}

// end is the last line of a recording. Without it, one that was cut between two calls would look whole.
const end = "# end of the recording\n"

// Call is one recorded request with its answer.
type Call struct {
	Host, Version, Action string
	Parameters            map[string]string
	At                    time.Time // when the request was made
	Answer                Answer
}

// Load reads a recording. Its error says what is damaged.
func Load(file string) ([]Call, error) {
	tape, err := cassette.Load(strings.TrimSuffix(file, ".yaml"))
	if err != nil {
		return nil, fmt.Errorf("%s is not a recording, or it is damaged: %w", file, err)
	}
	if text, err := os.ReadFile(file); err != nil || len(tape.Interactions) == 0 || !strings.HasSuffix(string(text), end) {
		return nil, fmt.Errorf("%s has no calls or no end: it is not a recording, or it is damaged", file)
	}
	calls := make([]Call, len(tape.Interactions))
	for n, i := range tape.Interactions {
		if calls[n], err = callOf(i); err != nil {
			return nil, fmt.Errorf("%s is damaged: call %d: %w", file, i.ID, err)
		}
	}
	return calls, nil
}

func callOf(i *cassette.Interaction) (Call, error) {
	parameters, err := parametersOf(i.Request)
	if err != nil {
		return Call{}, err
	}
	headers := i.Request.Headers
	c := Call{
		Host: i.Request.Host, Parameters: parameters,
		// The older form of signature has them among the parameters.
		Version: cmp.Or(headers.Get("X-Acs-Version"), parameters["Version"]), Action: cmp.Or(headers.Get("X-Acs-Action"), parameters["Action"]),
	}
	if c.Version == "" || c.Action == "" || c.Host == "" {
		return c, errors.New("it has no action")
	}
	if c.At, err = time.Parse(time.RFC3339Nano, headers.Get(arrived)); err != nil {
		return c, fmt.Errorf("it has no time: %w", err)
	}
	c.Answer.Status = i.Response.Code
	if c.Answer.Body, err = Decode([]byte(i.Response.Body)); err != nil {
		return c, err
	}
	c.Answer.Code, _ = c.Answer.Body["Code"].(string)
	return c, nil
}

// ofProtocol are the parameters that carry no argument of the action, but a signature.
var ofProtocol = map[string]bool{
	"Format": true, "Timestamp": true, "SignatureNonce": true, "SignatureMethod": true, "SignatureVersion": true, "SignatureType": true,
	"AccessKeyId": true, "Signature": true, "SecurityToken": true,
}

// parametersOf are the arguments of an action, from the query and the form.
func parametersOf(r cassette.Request) (map[string]string, error) {
	address, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	parameters := map[string]string{}
	for _, text := range []string{address.RawQuery, r.Body} {
		values, err := url.ParseQuery(text)
		if err != nil {
			return nil, err
		}
		for name, list := range values {
			if !ofProtocol[name] {
				parameters[name] = list[0]
			}
		}
	}
	return parameters, nil
}

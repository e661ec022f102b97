package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// The kinds of differences.
const (
	missing    = "missing"    // the emulator's answer lacks a field
	additional = "additional" // the emulator's answer has a field that the cloud's has not
	ofType     = "type"       // a field has another type
	code       = "code"
	status     = "HTTP status"
	state      = "state" // an instance or a network does not reach a state after the one before
	timing     = "time"  // it reaches it sooner or later
)

// difference is one row of the table. Equal ones are counted.
type difference struct {
	Kind, Action, Where, Recorded, Emulated string
}

type row struct {
	difference
	Count int
}

// player replays a recording against an emulator, whose clock it moves: time passes only until the emulator's answer has the
// outcome of the recorded one. So a connection of 30 minutes and one of 3 seconds are compared state by state.
type player struct {
	server *emulator.Server
	client *recording.Client
	ids    map[string]string // of the recording, with the emulator's
	rows   []row
	// leftOut counts the calls about what the recording has not made.
	leftOut int
	gaveUp  map[string]bool // where the emulator's outcome never came

	changed  time.Time            // when the recording last changed anything
	waited   time.Duration        // how long the emulator's clock has moved since then
	looked   map[string]time.Time // when the recording last looked at a subject
	outcomes map[string]string    // the last outcome of a subject
}

// replay makes all calls of a recording again, and finds the differences.
func replay(ctx context.Context, calls []recording.Call) (*player, error) {
	server, err := emulator.New(optionsFor(calls))
	if err != nil {
		return nil, err
	}
	p := &player{
		server: server, ids: map[string]string{}, gaveUp: map[string]bool{}, looked: map[string]time.Time{}, outcomes: map[string]string{},
		client: &recording.Client{
			Credential: recording.Default, Transport: inProcess{server.Handler("")},
		},
	}
	for n, call := range calls {
		if err := p.play(ctx, call); err != nil {
			return nil, fmt.Errorf("call %d cannot be replayed: %w", n, err)
		}
	}
	return p, server.Close()
}

// optionsFor are the emulator's defaults, with the recording's region, account and site.
func optionsFor(calls []recording.Call) emulator.Options {
	o := recording.EmulatorOptions()
	o.VirtualClock = true
	for _, c := range calls {
		if labels := strings.Split(c.Host, "."); labels[0] == "kms" {
			o.Regions = []string{labels[1]}
		}
		if c.Action == "GetCallerIdentity" && c.Answer.Accepted() {
			o.AccountID = recording.Text(c.Answer.Body, "AccountId")
		}
		if strings.HasSuffix(c.Parameters["ProductType"], "_intl") && c.Answer.Accepted() {
			o.Site = emulator.SiteInternational
		}
	}
	return o
}

// inProcess sends requests to a handler, without a network.
type inProcess struct{ handler http.Handler }

func (i inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	w := httptest.NewRecorder()
	i.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// The longest that the emulator's clock is moved for one outcome, and the steps. It is more than any of its delays.
const (
	patience  = 10 * time.Second
	precision = 100 * time.Millisecond
)

// play makes one call, and compares the answers. A call about what the recording has not made, such as another instance of the account,
// is left out: the emulator does not have it.
func (p *player) play(ctx context.Context, c recording.Call) error {
	for _, value := range c.Parameters {
		for _, id := range resource.FindAllString(value, -1) {
			if p.ids[id] == "" {
				p.leftOut++
				return nil
			}
		}
	}
	parameters := p.translated(c.Parameters)
	subject := c.Action + "\n" + strings.Join(parameters, "\n")
	wanted := p.outcome(c.Answer, maps.Keys(p.ids))
	changes := c.Answer.Accepted() && changing.MatchString(c.Action)
	var answer recording.Answer
	before := p.waited
	for waited := time.Duration(0); ; waited += precision {
		var err error
		if answer, err = p.client.Call(ctx, c.Host, c.Version, c.Action, parameters...); err != nil {
			return err
		}
		// Time makes the emulator accept a call, or show a later state. What it did cannot be taken back by waiting.
		done := changing.MatchString(c.Action) && answer.Accepted() || !c.Answer.Accepted()
		if done || p.outcome(answer, maps.Values(p.ids)) == wanted || p.gaveUp[subject+wanted] {
			break
		}
		if waited >= patience {
			p.gaveUp[subject+wanted] = true
			break
		}
		p.server.Advance(precision)
		p.waited += precision
	}
	p.compareTimes(c, subject, wanted, before)
	p.compare(c, answer)
	if changes {
		p.learn(c.Answer.Body, answer.Body)
		p.changed, p.waited = c.At, 0
	}
	return nil
}

// changing are the actions that change something. The others can be repeated at will.
var changing = regexp.MustCompile(`^(Create|Modify|Renew|Refund|Release|Set|Connect|Update|Tag|Untag|Delete|Open)`)

// resource is the id of an instance or a network.
var resource = regexp.MustCompile(`\b(kst|vpc|vsw)-[0-9A-Za-z]+`)

// translated puts the emulator's ids in the place of the recorded ones.
func (p *player) translated(parameters map[string]string) (pairs []string) {
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		value := parameters[name]
		for recorded, own := range p.ids {
			value = strings.ReplaceAll(value, recorded, own)
		}
		pairs = append(pairs, name, value)
	}
	return pairs
}

// learn takes the ids from the answers of calls that made something.
func (p *player) learn(recorded, own any) {
	objects, _ := recorded.(map[string]any)
	for name, value := range objects {
		if _, inner := value.(map[string]any); inner {
			p.learn(value, recording.At(own, name))
			continue
		}
		if text := recording.Text(own, name); strings.HasSuffix(name, "Id") && name != "RequestId" && name != "HostId" && text != "" && fmt.Sprint(value) != "" {
			p.ids[fmt.Sprint(value)] = text
		}
	}
}

// compareTimes compares how long it took, since something was last changed, until a subject had a new outcome: between the last recorded
// look that showed another one and the first that showed this one.
func (p *player) compareTimes(c recording.Call, subject, wanted string, before time.Duration) {
	last, known := p.outcomes[subject]
	from, to := max(0, p.looked[subject].Sub(p.changed)), c.At.Sub(p.changed)
	p.outcomes[subject], p.looked[subject] = wanted, c.At
	if !known || last == wanted || p.gaveUp[subject+wanted] || p.changed.IsZero() {
		return
	}
	const slack = time.Second / 2
	if late := p.waited > before && p.waited > to+slack; late || p.waited < from-slack {
		p.add(timing, c, last+" → "+wanted, fmt.Sprintf("%s to %s", from.Round(precision), to.Round(precision)), p.waited.Round(precision).String())
	}
}

func (p *player) add(kind string, c recording.Call, where, recorded, emulated string) {
	d := difference{kind, c.Action, where, recorded, emulated}
	if n := slices.IndexFunc(p.rows, func(r row) bool { return r.difference == d }); n >= 0 {
		p.rows[n].Count++
		return
	}
	p.rows = append(p.rows, row{d, 1})
}

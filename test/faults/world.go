package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// A tick is by how much the emulator's clock moves with every look at instances. Everything that takes time in the cloud
// takes a number of looks then, so that a scenario makes the same calls whatever the machine's load.
const tick = time.Second

// world is a cloud of its own for one case: the emulator behind a server that can be told to strike at a call.
type world struct {
	options emulator.Options
	server  *httptest.Server

	mutex    sync.Mutex
	emulator *emulator.Server
	past     []emulator.Call // the journal of emulators that have ended
	calls    map[string]int  // calls of each action since the strike was armed
	strike   *strike
	lastErr  error
	place    place
	// givingBack are the instances as they were at each call that refunds or releases one.
	givingBack [][]emulator.Instance
}

// place is whose credentials the provider has, and for which region it is configured. The zero value is where the instances
// are.
type place struct{ region, account string }

// The other places that there are.
const (
	otherRegion  = "cn-shanghai"
	otherAccount = "2234567890123456"
	otherKey     = "other-access-key"
	otherSecret  = "other-secret-key"
)

// strike is something that happens to the rest of the world at a call: to the plugin, to the engine, or to the cloud.
type strike struct {
	action string
	nth    int
	after  bool // after the call took effect, instead of before
	// what is done; the call is answered afterwards unless silent.
	do     func()
	silent bool
	struck bool
}

// newWorld starts an emulator whose instances take some looks to appear, to connect and to be upgraded.
func newWorld(dir string, change func(*emulator.Options)) (*world, error) {
	w := &world{calls: map[string]int{}, options: emulator.Options{
		VirtualClock: true,
		Regions:      []string{emulator.DefaultRegion, otherRegion},
		Credentials: []emulator.Credential{
			{AccessKeyID: emulator.DefaultAccessKeyID, Secret: emulator.DefaultAccessKeySecret},
			{AccessKeyID: otherKey, Secret: otherSecret, AccountID: otherAccount},
		},
		OrderVisible: 2 * tick, Connect: 2 * tick, Upgrade: 2 * tick, Refund: 2 * tick, Release: 2 * tick,
	}}
	if dir != "" {
		w.options.StateFile = filepath.Join(dir, "cloud.json")
	}
	if change != nil {
		change(&w.options)
	}
	var err error
	if w.emulator, err = emulator.New(w.options); err != nil {
		return nil, err
	}
	w.server = httptest.NewServer(w)
	return w, nil
}

// cloud is the emulator that is running now.
func (w *world) cloud() *emulator.Server {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.emulator
}

// close ends the world and says whether anything went wrong in it that is no finding about the provider.
func (w *world) close() error {
	w.server.CloseClientConnections() // nobody waits for a call that hangs
	err := w.cloud().Close()
	w.server.Close()
	return errors.Join(w.lastErr, err)
}

// restart forgets everything but the state file, starts again, and breaks every connection.
func (w *world) restart() {
	old := w.cloud()
	err := old.Close()
	again, failed := emulator.New(w.options)
	if err = errors.Join(err, failed); err != nil {
		w.fail(err)
		return
	}
	w.mutex.Lock()
	w.past = append(w.past, old.Journal()...)
	w.emulator = again
	w.mutex.Unlock()
	w.server.CloseClientConnections()
}

// fail notes that the world itself, not the provider, did not work.
func (w *world) fail(err error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.lastErr = errors.Join(w.lastErr, err)
}

// arm sets the strike, counting calls from here on; nil disarms.
func (w *world) arm(s *strike) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.strike, w.calls = s, map[string]int{}
}

// struck tells whether the strike that is armed has happened.
func (w *world) struck() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.strike != nil && w.strike.struck
}

// ServeHTTP passes a call on to the emulator.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	action := actionOf(r)
	cloud := w.cloud()
	if action == "GetKmsInstance" || action == "ListKmsInstances" {
		cloud.Advance(tick)
	}
	if action == "RefundInstance" || action == "ReleaseKmsInstance" {
		now := cloud.Instances()
		w.mutex.Lock()
		w.givingBack = append(w.givingBack, now)
		w.mutex.Unlock()
	}
	handler := cloud.Handler(w.at().region)
	s := w.due(action)
	if s == nil {
		handler.ServeHTTP(rw, r)
		return
	}
	answer := httptest.NewRecorder()
	if s.after {
		handler.ServeHTTP(answer, r)
	}
	s.do()
	switch {
	case s.silent:
		panic(http.ErrAbortHandler)
	case !s.after:
		handler.ServeHTTP(rw, r)
		return
	}
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes()) // a client that left is no matter of ours
}

func (w *world) due(action string) *strike {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.calls[action]++
	s := w.strike
	if s == nil || s.struck || s.action != action || w.calls[action] != s.nth {
		return nil
	}
	s.struck = true
	return s
}

func actionOf(r *http.Request) string {
	if action := r.Header.Get("x-acs-action"); action != "" {
		return action
	}
	return r.URL.Query().Get("Action")
}

func (w *world) at() place {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.place
}

func (w *world) move(p place) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.place = p
}

// config is the stack's configuration for this world.
func (w *world) config(t timeouts) map[string]string {
	region, key, secret := emulator.DefaultRegion, emulator.DefaultAccessKeyID, emulator.DefaultAccessKeySecret
	if p := w.at(); p.region != "" {
		region = p.region
	} else if p.account != "" {
		key, secret = otherKey, otherSecret
	}
	m := map[string]string{
		packageName + ":region": region, packageName + ":accessKey": key, packageName + ":secretKey": secret, packageName + ":protocol": "HTTP",
		packageName + ":endpoints": fmt.Sprintf(`{"kms":"%s","bssopenapi":"%[1]s","sts":"%[1]s","vpc":"%[1]s"}`, w.server.Listener.Addr()),
	}
	if t.read > 0 {
		m[packageName+":clientReadTimeout"] = fmt.Sprint(t.read.Milliseconds())
	}
	if t.retry > 0 {
		m[packageName+":maxRetryTimeout"] = fmt.Sprint(t.retry.Seconds())
	}
	return m
}

// timeouts are those of the provider's configuration; zero means its default.
type timeouts struct {
	read  time.Duration
	retry time.Duration
}

// environment is that of a plugin: nothing of the machine's own configuration may reach it.
func environment(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir(), "GOMAXPROCS=2", "ALICLOUD_KMS_LOOK_AGAIN=300ms"}
}

// journal is the calls so far.
func (w *world) journal() []emulator.Call {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return append(slices.Clone(w.past), w.emulator.Journal()...)
}

// takeGivingBack returns the instances as they were at each call since the last time that refunds or releases one.
func (w *world) takeGivingBack() [][]emulator.Instance {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	taken := w.givingBack
	w.givingBack = nil
	return taken
}

func lines(calls []emulator.Call) string {
	var b strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&b, "  %3d %-26s %3d %-28s %-10s %s %s\n", c.Seq, c.Action, c.Status, c.Code, c.Effect, c.InstanceID, c.Fault)
	}
	return b.String()
}

// waitFor waits where the fault itself is a matter of time; it is no measure of the provider.
func waitFor(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

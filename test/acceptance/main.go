// Acceptance takes a KMS instance through its life on a real account, with the real CLI and plugin, and records what is said. It costs
// money, and calls nothing without ACCEPT_COSTS=yes. With -emulator the same code runs against the emulator. docs/howto-acceptance.md
// describes it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// options is what the command line and the environment say.
type options struct {
	root, folder, cli string
	emulator          string // the URL of one; "" for the real cloud
	region            string
	zones             []string
	site              string // of the account; "" to find out
	payment           string
	cleanOnly         bool          // whether to stop after what the last run left
	limit             time.Duration // of the life, and again of the cleaning
	pause             time.Duration // between two looks at the cloud
	appears           time.Duration // how long a purchase may take to show
	credential        recording.Credential
	out               io.Writer
}

func main() {
	o := options{
		region: cmp.Or(os.Getenv("ALIBABA_CLOUD_REGION"), "cn-hangzhou"), site: os.Getenv("ALIBABA_CLOUD_ACCOUNT_TYPE"),
		payment: "PayAsYouGo", out: os.Stderr, pause: 5 * time.Second, appears: 15 * time.Minute,
		credential: recording.Credential{
			ID: os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), Secret: os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
			Token: os.Getenv("ALIBABA_CLOUD_SECURITY_TOKEN"),
		},
	}
	cache, _ := os.UserCacheDir()
	flag.StringVar(&o.root, "root", ".", "the `folder` of the repository, with the plugin and the YAML host in bin/")
	flag.StringVar(&o.folder, "folder", filepath.Join(cache, "pulumi-alicloud-kms-acceptance"), "the `folder` of stack and recordings, which must outlive the run")
	flag.StringVar(&o.emulator, "emulator", "", "the `URL` of an emulator in place of the cloud, or new for one of its own")
	flag.DurationVar(&o.limit, "limit", 3*time.Hour, "the `time` that the run may take, and the cleaning after it once more")
	flag.BoolVar(&o.cleanOnly, "clean", false, "only finish what the last run left; this buys nothing")
	flag.Parse()
	o.zones = strings.Split(cmp.Or(os.Getenv("ACCEPT_ZONES"), o.region+"-k,"+o.region+"-j"), ",")
	if os.Getenv("SUBSCRIPTION") == "1" {
		o.payment = "Subscription"
	}
	if o.emulator == "" && !o.cleanOnly && os.Getenv("ACCEPT_COSTS") != "yes" {
		_, _ = fmt.Fprint(o.out, explanation, listPrice(o.payment), "\nNothing was called.\n")
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once; the next run cleans up
	if err := begin(ctx, o); err != nil {
		_, _ = fmt.Fprintln(o.out, "acceptance:", err)
		stop()
		os.Exit(1)
	}
}

// begin starts an emulator if one is asked for, and runs.
func begin(ctx context.Context, o options) error {
	if o.emulator != "" {
		o.pause, o.appears = 100*time.Millisecond, 3*time.Second
	}
	if o.emulator == "new" {
		server, err := emulator.New(recording.EmulatorOptions())
		if err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		defer func() { _ = server.Close() }()
		o.emulator = server.URL("")
	}
	return start(ctx, o)
}

// start checks what a run needs before the first call, and finishes what the last run left. Then it runs.
func start(ctx context.Context, o options) (err error) {
	switch {
	case o.credential.ID == "" || o.credential.Secret == "":
		return errors.New("there are no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and for temporary ones " +
			"ALIBABA_CLOUD_SECURITY_TOKEN. Nothing was called")
	case runtime.GOOS != "linux":
		return errors.New("it runs on Linux only, where SSL_CERT_FILE makes the plugin trust the recorder. Nothing was called")
	}
	if o.folder, err = filepath.Abs(o.folder); err != nil {
		return err
	}
	if o.root, err = filepath.Abs(o.root); err != nil {
		return err
	}
	o.cli = cmp.Or(os.Getenv("PULUMI"), filepath.Join(o.root, "bin", "pulumi"))
	name := time.Now().UTC().Format("20060102T150405")
	r := &run{options: o, name: name, began: time.Now()}
	if err := r.recorded(name+"-before.yaml", func() error { return r.before(ctx) }); err != nil || o.cleanOnly {
		return err
	}
	return r.recorded(name+".yaml", func() error { return r.life(ctx) })
}

// recorded runs a part of the run with a recording of its own.
func (r *run) recorded(name string, part func() error) (err error) {
	for _, folder := range append(folders, "home", "user") {
		if err := os.MkdirAll(filepath.Join(r.folder, folder), 0o700); err != nil {
			return err
		}
	}
	way, err := recording.Emulator(r.emulator)
	if err != nil {
		return err
	}
	file := filepath.Join(r.folder, name)
	recorder, err := recording.NewRecorder(file, way, r.credential, r.watch)
	if err != nil {
		return err
	}
	if r.proxy, err = recording.NewProxy(r.folder, r.region, recorder); err != nil {
		return err
	}
	r.client = &recording.Client{Credential: r.credential, Transport: recorder}
	defer func() {
		r.proxy.Close()
		stopped := recorder.Stop()
		if err = errors.Join(err, stopped); stopped == nil {
			r.say("recorded in %s", file)
		}
	}()
	return part()
}

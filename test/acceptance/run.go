package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
)

// run is one run of the acceptance test.
type run struct {
	options
	name    string // when it began; the tag of its VPCs, and the beginning of its names
	began   time.Time
	account string
	foreign []string // instances that are not ours
	proxy   *recording.Proxy
	client  *recording.Client
}

func (r *run) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(r.out, "%6.1f s  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, arguments...))
}

// ask calls a service, and takes a refusal for an error.
func (r *run) ask(ctx context.Context, version, action string, pairs ...string) (map[string]any, error) {
	host := map[string]string{recording.KMS: "kms.", recording.STS: "sts.", recording.VPC: "vpc."}[version] + r.region + ".aliyuncs.com"
	if version == recording.BSS {
		host = r.billing()
	}
	answer, err := r.client.Call(ctx, host, version, action, pairs...)
	if err != nil {
		return nil, err
	}
	if err := answer.Refused(); err != nil {
		return nil, fmt.Errorf("%s was refused: %w", action, err)
	}
	return answer.Body, nil
}

// until tries again and again until something is done, an error comes, or the time is over. A refusal may pass, unless a permission is
// missing.
func (r *run) until(ctx context.Context, what string, try func() (done bool, refused, err error)) error {
	for {
		done, refused, err := try()
		if err != nil || done {
			return err
		}
		if refused != nil && permission.MatchString(refused.Error()) {
			return refused
		}
		select {
		case <-time.After(r.pause):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("stopped while waiting until %s: %w", what, context.Cause(ctx)), refused)
		}
	}
}

// permission finds the codes of a missing one.
var permission = regexp.MustCompile(`NoPermission|Forbidden\.RAM|NotAuthorized`)

// list asks a service page by page for all that it has at a path.
func (r *run) list(ctx context.Context, version, action string, path []string, pairs ...string) (all []map[string]any, err error) {
	const size = 50
	for page := 1; ; page++ {
		answer, err := r.ask(ctx, version, action, append(pairs, "PageNumber", fmt.Sprint(page), "PageSize", fmt.Sprint(size))...)
		if err != nil {
			return nil, err
		}
		rows := recording.Objects(answer, path...)
		if all = append(all, rows...); len(rows) < size {
			return all, nil
		}
	}
}

// order is one order that went through the recorder. The list of them is in the folder before the plugin has the answer.
type order struct {
	Run, Action, Host, OrderID, InstanceID, ProductType string
	Time                                                time.Time
}

// watch notes every order that was accepted.
func (r *run) watch(c recording.Call) error {
	id := recording.Text(c.Answer.Body, "Data", "OrderId")
	if c.Version != recording.BSS || c.Action == "GetOrderDetail" || id == "" || !c.Answer.Accepted() {
		return nil
	}
	o := order{
		Run: r.name, Action: c.Action, Host: c.Host, OrderID: id, ProductType: c.Parameters["ProductType"], Time: time.Now(),
		InstanceID: cmp.Or(recording.Text(c.Answer.Body, "Data", "InstanceId"), c.Parameters["InstanceId"]),
	}
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(r.ordersFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

func (r *run) ordersFile() string { return filepath.Join(r.folder, ordersFile) }

// placeFile has the account and the region of a run that has not cleaned up yet.
func (r *run) placeFile() string { return filepath.Join(r.folder, placeFile) }

// orders are those of this run, and of earlier ones that were not finished.
func (r *run) orders() (all []order) {
	text, _ := os.ReadFile(r.ordersFile()) // without one there were no orders
	for line := range strings.Lines(string(text)) {
		var o order
		if json.Unmarshal([]byte(line), &o) == nil { // a line that was cut belongs to a run that was killed in it
			all = append(all, o)
		}
	}
	return all
}

// billing is the host of the account's site: the one that took our orders, else that of the site that the environment names.
func (r *run) billing() string {
	if all := r.orders(); len(all) > 0 {
		return all[len(all)-1].Host
	}
	if r.site == "International" {
		return recording.InternationalBilling
	}
	return recording.DomesticBilling
}

// The projects in the folder, and their stack.
const (
	projectFolder, importedFolder = "project", "imported"
	stackName                     = "acceptance"
	ordersFile, placeFile         = "orders.jsonl", "place"
)

// folders are those with what a run makes of its stacks.
var folders = []string{"state", projectFolder, importedFolder}

// pulumi runs the CLI in a project. What it prints goes to pulumi.log, and its end into the error.
func (r *run) pulumi(ctx context.Context, project string, arguments ...string) (string, error) {
	started, words := time.Now(), strings.Join(arguments, " ")
	command := exec.CommandContext(ctx, r.cli, arguments...)
	command.Dir, command.Env = filepath.Join(r.folder, project), r.environment()
	var output, complaint bytes.Buffer
	command.Stdout, command.Stderr = &output, &complaint
	// A Ctrl-C of the terminal reaches this program alone, which passes on one: a second one would make the CLI give up.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 2 * time.Minute
	err := command.Run()
	text := strings.TrimSpace(output.String() + complaint.String())
	r.log(words, text)
	if err != nil {
		return output.String(), fmt.Errorf("`pulumi %s` failed: %w\n%s", words, err, text[max(0, len(text)-3000):])
	}
	r.say("pulumi %s (%.1f s)", words, time.Since(started).Seconds())
	return output.String(), nil
}

func (r *run) log(words, output string) {
	file, err := os.OpenFile(filepath.Join(r.folder, "pulumi.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, _ = fmt.Fprintf(file, "%s $ pulumi %s\n%s\n", time.Now().UTC().Format(time.RFC3339), words, output)
		_ = file.Close()
	}
}

// environment leads the CLI and the plugin through the recorder, and nowhere else.
func (r *run) environment() []string {
	bin := filepath.Join(r.root, "bin")
	e := []string{
		"PATH=" + strings.Join([]string{filepath.Dir(r.cli), bin, os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME=" + filepath.Join(r.folder, "user"), "PULUMI_HOME=" + filepath.Join(r.folder, "home"),
		"PULUMI_BACKEND_URL=file://" + filepath.Join(r.folder, "state"), "PULUMI_CONFIG_PASSPHRASE=acceptance",
		"PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"HTTPS_PROXY=" + r.proxy.URL, "SSL_CERT_FILE=" + r.proxy.Root,
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + r.credential.ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + r.credential.Secret,
		"ALIBABA_CLOUD_SECURITY_TOKEN=" + r.credential.Token, "ALIBABA_CLOUD_REGION=" + r.region, "ALIBABA_CLOUD_ACCOUNT_TYPE=" + r.site,
	}
	for _, name := range []string{"TMPDIR", "LANG", "TERM"} {
		if value, set := os.LookupEnv(name); set {
			e = append(e, name+"="+value)
		}
	}
	return e
}

// stackIDs are the instances in the checkpoint of a project's stack.
func (r *run) stackIDs(ctx context.Context, project string) (ids []string, err error) {
	text, err := r.pulumi(ctx, project, "stack", "export", "--stack", stackName)
	if err != nil {
		return nil, err
	}
	var export struct {
		Deployment struct{ Resources []struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(text), &export); err != nil {
		return nil, err
	}
	for _, resource := range export.Deployment.Resources {
		if strings.HasPrefix(resource.ID, "kst-") {
			ids = append(ids, resource.ID)
		}
	}
	return ids, nil
}

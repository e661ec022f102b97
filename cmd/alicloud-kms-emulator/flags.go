package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// settings is what the command line says.
type settings struct {
	options     emulator.Options
	listen      string
	allowRemote bool
	envFile     string
	quiet       bool
	showVersion bool
}

const usage = `alicloud-kms-emulator serves an emulated Alibaba Cloud for KMS instances: nothing is bought, nothing leaves this machine.

It speaks the KMS, BSS (orders, renewals), STS and VPC operations that a KMS instance needs, verifies signatures, and keeps
instances through their whole life. A page at its address shows instances and calls; the admin API under /_admin/
injects faults, shows the journal and moves the clock. docs/emulator.md describes all of it.

Usage: alicloud-kms-emulator [flags]

  alicloud-kms-emulator                                      serve, and print what to paste into a shell or a project
  alicloud-kms-emulator --env-file emulator.env              the same for a script, which sources the file once it is there
  alicloud-kms-emulator --state emulator.json                keep what was bought over restarts
  alicloud-kms-emulator --order-visible 0 --connect 0        do not make a test wait
  alicloud-kms-emulator --region cn-hangzhou,ap-southeast-1  two regions, on two ports

Flags, with one dash or two:

`

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._+/=@-]+$`)

// credentialList collects --credential flags.
type credentialList []emulator.Credential

func (l *credentialList) String() string { return "" }

func (l *credentialList) Set(text string) error {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
		return errors.New("give ID:SECRET or ID:SECRET:ACCOUNT")
	}
	// The environment file and the printed lines hold them as they are, for shells and for other readers.
	if !plainWord.MatchString(parts[0]) || !plainWord.MatchString(parts[1]) {
		return errors.New("an id and a secret are letters, digits and any of ._+/=@-")
	}
	c := emulator.Credential{AccessKeyID: parts[0], Secret: parts[1]}
	if len(parts) == 3 {
		c.AccountID = parts[2]
	}
	*l = append(*l, c)
	return nil
}

// networkList collects --network flags.
type networkList []emulator.Network

func (l *networkList) String() string { return "" }

func (l *networkList) Set(text string) error {
	vpc, list, _ := strings.Cut(text, "=")
	n := emulator.Network{VpcID: vpc}
	for _, item := range split(list) {
		id, zone, ok := strings.Cut(item, "@")
		if !ok {
			return errors.New("give VPC=VSWITCH@ZONE")
		}
		n.VSwitches = append(n.VSwitches, emulator.VSwitch{ID: id, ZoneID: zone})
	}
	*l = append(*l, n)
	return nil
}

// readNetworks adds the networks of a file.
func readNetworks(path string, to *[]emulator.Network) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the file that the user named
	if err != nil {
		return fmt.Errorf("cannot read --networks: %w", err)
	}
	var more []emulator.Network
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&more); err != nil {
		return fmt.Errorf("--networks %s is not a list of networks: %w", path, err)
	}
	*to = append(*to, more...)
	return nil
}

// lists are the flags that are taken apart once all are read.
type lists struct{ regions, refundRefused, networks string }

// parseFlags reads the command line. For --help it prints the help and returns flag.ErrHelp.
func parseFlags(args []string, stdout io.Writer) (settings, error) {
	var s settings
	var l lists
	f := flag.NewFlagSet("alicloud-kms-emulator", flag.ContinueOnError)
	f.SetOutput(io.Discard) // the caller shows errors, once
	s.bind(f, &l)
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		f.SetOutput(stdout)
		_, _ = io.WriteString(stdout, usage)
		f.PrintDefaults()
		return s, err
	}
	if err != nil {
		return s, fmt.Errorf("%w; see --help", err)
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("%q is not a flag; see --help", f.Arg(0))
	}
	o := &s.options
	if o.Regions = split(l.regions); len(o.Regions) == 0 {
		return s, errors.New("--region needs a region")
	}
	o.RefundRefusedIn = split(l.refundRefused)
	if err := readNetworks(l.networks, &o.Networks); err != nil {
		return s, err
	}
	return s, s.checkListen()
}

// bind says which flags there are.
func (s *settings) bind(f *flag.FlagSet, l *lists) {
	o := &s.options
	f.StringVar(&s.listen, "listen", "127.0.0.1:8777", "`HOST:PORT` of the first region; port 0 takes a free one. Each further region takes the next port (or a free one)")
	f.BoolVar(&s.allowRemote, "allow-remote", false, "allow --listen to be reachable from other machines (the admin API and the page stay local)")
	f.StringVar(&l.regions, "region", emulator.DefaultRegion, "`regions` to serve, separated by commas; the first is the main one")
	f.StringVar(&o.Site, "site", emulator.SiteDomestic, "`site` of the account: Domestic or International")
	f.StringVar(&o.AccountID, "account", emulator.DefaultAccountID, "`id` of the account")
	f.Var((*credentialList)(&o.Credentials), "credential", "access key as `ID:SECRET` or ID:SECRET:ACCOUNT; may be repeated (default "+emulator.DefaultAccessKeyID+":"+emulator.DefaultAccessKeySecret+")")
	f.StringVar(&o.StateFile, "state", "", "`file` that keeps instances, orders and totals over restarts")
	f.StringVar(&s.envFile, "env-file", "", "`file` to write NAME=value lines to once the emulator is listening")
	f.BoolVar(&s.quiet, "quiet", false, "do not log requests")
	f.BoolVar(&s.showVersion, "version", false, "print the version and exit")

	f.DurationVar(&o.OrderVisible, "order-visible", 500*time.Millisecond, "time from an order until KMS knows the instance")
	f.DurationVar(&o.OrderListed, "order-listed", 0, "time from an order until BSS knows the instance")
	f.DurationVar(&o.Connect, "connect", 3*time.Second, "time that connecting takes")
	f.DurationVar(&o.StateInvalid, "state-invalid", 0, "time for which an instance that has just become Connected refuses changes")
	f.DurationVar(&o.Upgrade, "upgrade", 2*time.Second, "time until ordered sizes show")
	f.DurationVar(&o.NetworkAvailable, "network-available", 200*time.Millisecond, "time from the creation of a VPC or vSwitch until it is Available")
	f.DurationVar(&o.Refund, "refund", time.Second, "time from a refund until the instance is gone")
	f.DurationVar(&o.Release, "release", time.Second, "time from a release until the instance is gone")
	f.BoolVar(&o.VirtualClock, "virtual-clock", false, "let time stand still until POST /_admin/clock/advance moves it")
	f.DurationVar(&o.MaxSession, "max-session", 0, "shorten temporary credentials to this (0: as long as asked for)")
	f.StringVar(&o.TokenMismatch, "token-mismatch", "", "`code` for a client token that comes with other parameters: IdempotentParameterMismatch or Duplicated.ClientToken (default: the first answer again)")
	f.StringVar(&l.refundRefused, "refund-refused-in", "", "`statuses` in which an instance cannot be refunded, separated by commas, such as Connecting,Error")

	f.Var((*networkList)(&o.Networks), "network", "VPC that is there from the start, as `VPC=VSWITCH@ZONE,VSWITCH@ZONE`; may be repeated")
	f.StringVar(&l.networks, "networks", "", "`file` with more of them, a JSON list in the form of /_admin/networks")
	f.BoolVar(&o.NoVPCPermission, "no-vpc-permission", false, "answer every action of VPC with 403 Forbidden.RAM")
	f.IntVar(&o.UsedKeys, "used-keys", 0, "`number` of keys that each bought instance has")
	f.IntVar(&o.UsedSecrets, "used-secrets", 0, "`number` of secrets that each bought instance has")
	f.BoolVar(&o.MixedOrders, "mixed-orders", false, "accept an upgrade that lowers one size while it raises another")
	f.BoolVar(&o.RateLimits, "rate-limits", false, "apply the documented request rates of KMS")
	f.BoolVar(&o.NotFoundAsError, "not-found-as-error", false, "answer GetKmsInstance of an unknown id with 403 instead of an empty id")
}

// split returns the parts of a list; it is never nil.
func split(list string) []string {
	parts := []string{}
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// checkListen keeps the emulator on loopback unless it is told otherwise: whoever reaches it can use it.
func (s *settings) checkListen() error {
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return fmt.Errorf("--listen %q is not HOST:PORT", s.listen)
	}
	if s.allowRemote || host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--listen %s can be reached from other machines; give an address such as 127.0.0.1:8777, or --allow-remote if that is meant", s.listen)
}

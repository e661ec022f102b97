package kmsinstance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/sync/errgroup"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// Before each purchase, Create looks for an instance that a lost run may have bought: one that was killed, or whose order was
// never answered. No stack has such an instance. See docs/reliability.md.

// survey is one look at everything that there is.
type survey struct {
	began time.Time
	done  chan struct{}

	mutex    sync.Mutex
	err      error            // why nothing can be bought
	warnings []string         // what could not be looked at
	listed   []string         // ids of all that KMS lists
	shown    []cloud.Instance // those that KMS shows and that are neither known nor ignored
	read     []string         // those that KMS shows, or may not show to these credentials
	unshown  []unshown        // listed by billing, and not shown by KMS
	blind    bool             // billing's list could not be read
}

// unshown is an instance that billing lists and KMS does not show.
type unshown struct {
	cloud.Billed
	payment cloud.PaymentType
}

// make looks at KMS's list and billing's side by side, and reads the listed instances but those to skip. It also reads the ids that are
// given, which need not be listed.
func (s *survey) make(ctx context.Context, client *cloud.Client, skip func(id string) bool, ids ...string) {
	var billed []unshown
	var billedErr error
	var group sync.WaitGroup
	group.Go(func() {
		if err := s.list(ctx, client, skip, ids); err != nil {
			s.err = cannotLook(err)
		}
	})
	group.Go(func() { billed, billedErr = listBilled(ctx, client, skip) })
	group.Wait()
	if s.blind = billedErr != nil; s.blind {
		s.warnings = append(s.warnings, fmt.Sprintf("Billing's list of instances could not be read, so a purchase that KMS does not show yet "+
			"is not noticed: %v", billedErr))
	}
	for _, b := range billed {
		if !slices.Contains(s.read, b.ID) {
			s.unshown = append(s.unshown, b)
		}
	}
}

// list reads the instances that KMS lists.
func (s *survey) list(ctx context.Context, client *cloud.Client, skip func(id string) bool, ids []string) (err error) {
	defer caught(&err)
	ctx, cancel := context.WithTimeout(ctx, listLook)
	defer cancel()
	refs, err := client.ListInstances(ctx)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		s.listed = append(s.listed, ref.ID)
		if !skip(ref.ID) && !slices.Contains(ids, ref.ID) {
			ids = append(ids, ref.ID)
		}
	}
	const atOnce = 10
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, id := range ids {
		group.Go(func() error { return s.readOne(ctx, client, id) })
	}
	err = group.Wait()
	slices.SortFunc(s.shown, func(a, b cloud.Instance) int { return strings.Compare(a.ID, b.ID) })
	return err
}

func (s *survey) readOne(ctx context.Context, client *cloud.Client, id string) (err error) {
	defer caught(&err)
	instance, err := client.GetInstance(ctx, id)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case cloud.IsGone(err):
		return nil
	case cloud.IsPermissionDenied(err) && slices.Contains(s.listed, id):
		s.warnings = append(s.warnings, fmt.Sprintf("KMS instance %s may not be read with these credentials, so whether a lost run has "+
			"bought it is not known. The permission is kms:GetKmsInstance", id))
	case err != nil:
		return err
	default:
		s.shown = append(s.shown, *instance)
	}
	s.read = append(s.read, id)
	return nil
}

func cannotLook(err error) error {
	if cloud.HasCode(err, cloud.CodeInvalidCredentials) {
		return err // the order would fail alike
	}
	return fmt.Errorf("before it buys, the provider looks for an instance that an earlier run may have bought, and this look failed: %w. "+
		"It needs the permissions kms:ListKmsInstances and kms:GetKmsInstance. `ignoreInstances: [\"*\"]` in the provider configuration "+
		"switches it off", err)
}

func listBilled(ctx context.Context, client *cloud.Client, skip func(id string) bool) (list []unshown, err error) {
	defer caught(&err)
	ctx, cancel := context.WithTimeout(ctx, billedLook)
	defer cancel()
	for _, payment := range []cloud.PaymentType{cloud.Subscription, cloud.PayAsYouGo} {
		rows, err := client.ListBilled(ctx, payment)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !skip(row.ID) {
				list = append(list, unshown{row, payment})
			}
		}
	}
	return list, nil
}

// suspect is an instance that a lost run may have bought.
type suspect struct {
	id, status, created string
	unshown             bool // by KMS
}

func (s suspect) String() string {
	status := s.status
	if s.unshown {
		status = "listed by billing as " + s.status + ", not shown by KMS yet"
	}
	if s.created != "" {
		status += ", created " + s.created
	}
	return s.id + " (" + status + ")"
}

// suspects are the instances of a survey that the wanted one may have been bought as.
func (s *survey) suspects(want Args, now time.Time, skip func(id string) bool) []suspect {
	var found []suspect
	for _, i := range s.shown {
		if !skip(i.ID) && want.maySuit(i, now) {
			found = append(found, suspect{id: i.ID, status: i.Status, created: i.CreateTime})
		}
	}
	for _, u := range s.unshown {
		young := now.Sub(parseTime(u.CreateTime)) < billedRecently
		if !skip(u.ID) && u.payment == cloud.PaymentType(want.payment()) &&
			(u.Status == cloud.BilledCreating || u.Status == cloud.BilledNormal && young) {
			found = append(found, suspect{id: u.ID, status: u.Status, created: u.CreateTime, unshown: true})
		}
	}
	return found
}

// maySuit tells whether an instance may be one that was bought for these inputs. After a kill the program may have been edited:
// sizes count only for older instances, and the network once it is connected.
func (a Args) maySuit(i cloud.Instance, now time.Time) bool {
	if i.PaymentType != cloud.PaymentType(a.payment()) {
		return false
	}
	young := isYoung(i, now)
	if i.Status == cloud.StatusUninitialized {
		version := i.Sizes["ProductVersion"]
		software := version == "" || version == string(Software) || version == string(SmallSoftware)
		return software && (young || sizesSuit(a.codes(), i.Sizes))
	}
	return young && sizesSuit(a.codes(), i.Sizes) &&
		(i.VpcID == "" || i.VpcID == a.VpcID) &&
		(len(i.VswitchIDs) == 0 || slices.ContainsFunc(i.VswitchIDs, func(id string) bool { return slices.Contains(a.VswitchIDs, id) })) &&
		(i.Name == "" || i.Name == i.ID || i.Name == text(a.InstanceName))
}

func isYoung(i cloud.Instance, now time.Time) bool {
	made := parseTime(i.CreateTime)
	return made.IsZero() || now.Sub(made) < lostRecently
}

// sizesSuit tells whether no size contradicts a wanted one. One that the cloud does not report, or reports as 0, contradicts nothing.
func sizesSuit(want, have map[string]string) bool {
	for code, value := range want {
		if has := have[code]; has != "" && has != "0" && has != value {
			return false
		}
	}
	return true
}

// unfinished are the other instances that are not connected and were bought lately.
func (s *survey) unfinished(now time.Time, skip func(id string) bool) []suspect {
	var found []suspect
	for _, i := range s.shown {
		if !skip(i.ID) && !isConnectedStatus(i.Status) && isYoung(i, now) {
			found = append(found, suspect{id: i.ID, status: i.Status, created: i.CreateTime})
		}
	}
	return found
}

// lookForLost fails if a lost run may have bought the instance already. It looks again for a while: the engine may ask about an
// instance a moment later, and another run may connect it elsewhere.
func (r *Resource) lookForLost(ctx context.Context, client *cloud.Client, g *progress, urn resource.URN, want Args) error {
	ignored := r.connection.IgnoredInstances(ctx)
	if slices.Contains(ignored, "*") {
		return nil
	}
	skip := r.memory.knownOr(ignored)
	g.enter("looking for an instance that an earlier run may have bought")
	s := r.memory.look(ctx, client, skip, 0)
	if s == nil {
		return errStopped
	}
	if s.err != nil {
		return s.err
	}
	start := time.Now()
	var left []suspect
	err := poll(ctx, g, func() (bool, error) {
		g.warnings(s.warnings)
		if left = s.suspects(want, time.Now(), skip); len(left) == 0 {
			return true, nil
		}
		patience := lookAgain
		if r.memory.ordering.Load() > 0 || slices.ContainsFunc(left, func(s suspect) bool { return s.unshown }) {
			patience = max(patience, lookAgainUnseen)
		}
		if time.Since(start) >= patience {
			return true, nil
		}
		g.enter("looking again at " + left[0].id + ", which an earlier run may have bought")
		s = s.again(ctx, client, left, skip)
		return false, s.err
	})
	switch {
	case ctx.Err() != nil:
		return errStopped
	case err != nil:
		return err
	case len(left) > 0:
		return r.lostError(ctx, client, urn, left)
	}
	for _, other := range s.unfinished(time.Now(), skip) {
		g.warning("KMS instance %s is not finished, and this command has not been told of it. If an earlier run of this program has bought "+
			"it, cancel and give the resource the option `import: %s`", other, other.id)
	}
	return nil
}

// again looks once more, and reads the suspects only.
func (s *survey) again(ctx context.Context, client *cloud.Client, suspects []suspect, skip func(id string) bool) *survey {
	var ids []string
	for _, suspect := range suspects {
		if !skip(suspect.id) {
			ids = append(ids, suspect.id)
		}
	}
	next := &survey{}
	next.make(ctx, client, func(id string) bool { return !slices.Contains(ids, id) }, ids...)
	if next.blind {
		next.unshown = slices.DeleteFunc(slices.Clone(s.unshown), func(u unshown) bool { return slices.Contains(next.read, u.ID) })
	}
	isShown := func(i cloud.Instance) bool {
		return slices.ContainsFunc(next.shown, func(other cloud.Instance) bool { return other.ID == i.ID })
	}
	for _, i := range s.shown {
		asked := slices.Contains(ids, i.ID)
		there := slices.Contains(next.listed, i.ID) || slices.Contains(next.read, i.ID) // whatever was answered about it
		if !asked || there && !isShown(i) {
			next.shown = append(next.shown, i)
		}
	}
	return next
}

// errStopped says that an operation ended before its order was sent.
var errStopped = errors.New("stopped before the order was placed")

// lostError says what was found and every way on, in the order in which to try them.
func (r *Resource) lostError(ctx context.Context, client *cloud.Client, urn resource.URN, found []suspect) error {
	names := make([]string, len(found))
	unseen := true
	for i, s := range found {
		names[i] = s.String()
		unseen = unseen && s.unshown
	}
	id := found[0].id
	b := &strings.Builder{}
	fmt.Fprintf(b, "an earlier run may have bought this instance already: %s. ", strings.Join(names, "; "))
	if unseen {
		fmt.Fprintf(b, "Run `pulumi up` again in some minutes, when KMS shows it. If nobody misses %s, add its id to ignoreInstances in the "+
			"provider configuration (alicloud-kms:ignoreInstances)", id)
		return errors.New(b.String())
	}
	fmt.Fprintf(b, "Do this, in this order. (1) If this stack has it, run the same command with --refresh and without --target (after a "+
		"change of credentials, `pulumi refresh --run-program` first). (2) If that does not help, or somebody else has it, add its id to "+
		"ignoreInstances in the provider configuration (alicloud-kms:ignoreInstances). (3) Otherwise give this one resource the option "+
		"`import: %s` and run `pulumi up`, which buys nothing and finishes the instance; then, if `pulumi up` reports a pending create, run "+
		"`pulumi refresh --clear-pending-creates`; then take the option out again. Do not use --import-pending-creates", id)
	if old, ok := r.memory.standing(urn); ok && old.id != id {
		if _, err := client.GetInstance(ctx, old.id); err == nil {
			fmt.Fprintf(b, ". ATTENTION: importing here deletes %s with all its keys and secrets at the end of that run, whatever the option "+
				"protect says. To keep %s, undo the change that asks for the replacement, and import %s under another name", old.id, old.id, id)
		}
	}
	return errors.New(b.String())
}

// warnOfLost is the look of a preview, which only warns.
func (r *Resource) warnOfLost(ctx context.Context, g *progress, want Args) {
	ignored := r.connection.IgnoredInstances(ctx)
	client, err := r.connection.Client(ctx)
	if slices.Contains(ignored, "*") || err != nil {
		return // a missing region or key is told of elsewhere
	}
	skip := r.memory.knownOr(ignored)
	s := r.memory.look(ctx, client, skip, previewLook)
	switch {
	case s == nil:
		r.memory.noLook.Do(func() {
			g.info("Whether an earlier run has bought an instance that no stack has could not be looked up")
		})
	case s.err != nil:
		r.memory.noLook.Do(func() { g.info("%v", s.err) })
	default:
		if found := s.suspects(want, time.Now(), skip); len(found) > 0 {
			g.warning("An earlier run may have bought this instance already: %s. If this stack has it under another resource, all is well; "+
				"else `pulumi up` will stop before it buys, and say what to do", found[0])
		}
	}
}

package kmsinstance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

// provisionalPrefix starts the id of a resource whose order never got an answer; the client token follows.
const provisionalPrefix = "order:"

// replayWindow is how long an unanswered order may be repeated with its token. How long BSS remembers a token is not
// documented; an hour is well within what other products keep.
const replayWindow = time.Hour

func provisionalID(token string) string { return provisionalPrefix + token }

func isProvisional(id string) bool { return strings.HasPrefix(id, provisionalPrefix) }

// isInstanceID tells an instance id (kst-...) from a mistyped one.
func isInstanceID(id string) bool { return isID("kst-", id) }

func newPending(o cloud.Order, now time.Time) *PendingOrder {
	return &PendingOrder{
		ClientToken: o.ClientToken,
		RequestedAt: now.UTC().Format(time.RFC3339),
		Parameters:  maps.Clone(o.Parameters),
	}
}

// order is the recorded order, to the letter.
func (p PendingOrder) order() cloud.Order {
	return cloud.Order{ClientToken: p.ClientToken, Parameters: maps.Clone(p.Parameters)}
}

// isPurchase tells a purchase from an order of sizes.
func (p PendingOrder) isPurchase() bool {
	_, modifies := p.Parameters["ModifyType"]
	return !modifies
}

func (p PendingOrder) requestedAt() time.Time {
	t, err := time.Parse(time.RFC3339, p.RequestedAt)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (p PendingOrder) age() time.Duration { return time.Since(p.requestedAt()) }

// codes are the sizes that the recorded order asks for.
func (p PendingOrder) codes() map[string]string {
	m := map[string]string{}
	for key, code := range p.Parameters {
		if n, ok := strings.CutPrefix(key, "Parameter."); ok && strings.HasSuffix(n, ".Code") {
			m[code] = p.Parameters["Parameter."+strings.TrimSuffix(n, ".Code")+".Value"]
		}
	}
	return m
}

// region is the region that the recorded order is for, or "" if it does not say.
func (p PendingOrder) region() string { return p.codes()["Region"] }

// expected are the sizes that the instance should show in the end: those of this order and of accepted ones before it.
func (p PendingOrder) expected() map[string]string {
	m := maps.Clone(p.Accepted)
	if m == nil {
		m = map[string]string{}
	}
	maps.Copy(m, p.codes())
	return m
}

// sizeToken is the client token of an order of sizes. It follows from the instance, the last order that is known of and the
// sizes, so that a run after a crash between order and checkpoint repeats the order instead of placing a second one.
func sizeToken(id, lastOrder string, codes map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", id, lastOrder)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(h, "%s=%s\n", code, codes[code])
	}
	return "pulumi-" + hex.EncodeToString(h.Sum(nil)[:16])
}

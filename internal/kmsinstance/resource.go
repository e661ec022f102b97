package kmsinstance

import (
	"context"
	"sync"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
)

var (
	_ infer.CustomResource[Args, State] = (*Resource)(nil)
	_ infer.CustomRead[Args, State]     = (*Resource)(nil)
	_ infer.CustomUpdate[Args, State]   = (*Resource)(nil)
	_ infer.CustomDelete[State]         = (*Resource)(nil)
	_ infer.Annotated                   = (*Resource)(nil)
)

// Connection gives the resource what the provider's configuration says.
type Connection interface {
	// Client returns the client for the cloud; missing credentials or region are an error only here.
	Client(ctx context.Context) (*cloud.Client, error)
	// Region returns the region without contacting anything, or "" if it is not known yet.
	Region(ctx context.Context) (string, error)
}

// Resource is the controller of KmsInstance.
type Resource struct {
	connection Connection
	purchases  purchases
	accounts   accounts
	looks      looks
}

// New returns the controller.
func New(connection Connection) *Resource {
	return &Resource{connection: connection}
}

// accounts remembers whose credentials a client has, which costs a call to find out. Of several operations that want to
// know, one asks and the others wait for its answer.
type accounts struct {
	mutex sync.Mutex
	known map[*cloud.Client]*account
}

type account struct {
	turn chan struct{}
	id   string
}

func (a *accounts) entry(client *cloud.Client) *account {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.known == nil {
		a.known = map[*cloud.Client]*account{}
	}
	if a.known[client] == nil {
		a.known[client] = &account{turn: make(chan struct{}, 1)}
	}
	return a.known[client]
}

// of returns the account id behind the client's credentials.
func (a *accounts) of(ctx context.Context, client *cloud.Client) (string, error) {
	entry := a.entry(client)
	select {
	case entry.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-entry.turn }()
	if entry.id != "" {
		return entry.id, nil
	}
	id, err := ask(ctx, client)
	if err != nil {
		return "", err
	}
	entry.id = id
	return entry.id, nil
}

// ask finds out whose credentials the client has: from STS or, where that is not allowed or not reachable, from the ARN of any
// KMS instance.
func ask(ctx context.Context, client *cloud.Client) (string, error) {
	first, cancel := ctx, context.CancelFunc(func() {})
	if deadline, ok := ctx.Deadline(); ok {
		first, cancel = context.WithTimeout(ctx, time.Until(deadline)*2/3)
	}
	defer cancel()
	identity, err := client.GetCallerIdentity(first)
	if err == nil {
		return identity.AccountID, nil
	}
	if ctx.Err() != nil {
		return "", err
	}
	refs, listErr := client.ListInstances(ctx, nil)
	if listErr != nil {
		return "", err
	}
	for _, ref := range refs {
		if account := accountOf(ref.ARN); account != "" {
			return account, nil
		}
	}
	return "", err
}

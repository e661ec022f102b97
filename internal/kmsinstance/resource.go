package kmsinstance

import (
	"context"
	"sync"

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
}

// New returns the controller.
func New(connection Connection) *Resource {
	return &Resource{connection: connection}
}

// accounts remembers whose credentials a client has, which costs a call to find out.
type accounts struct {
	mutex sync.Mutex
	known map[*cloud.Client]string
}

// of returns the account id behind the client's credentials.
func (a *accounts) of(ctx context.Context, client *cloud.Client) (string, error) {
	a.mutex.Lock()
	account, ok := a.known[client]
	a.mutex.Unlock()
	if ok {
		return account, nil
	}
	identity, err := client.GetCallerIdentity(ctx)
	if err != nil {
		return "", err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.known == nil {
		a.known = map[*cloud.Client]string{}
	}
	a.known[client] = identity.AccountID
	return identity.AccountID, nil
}

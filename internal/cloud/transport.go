package cloud

import (
	"net/http"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

func newTransport(connect time.Duration) *http.Transport { return &http.Transport{} }

type credentialSource struct{ credential credentials.Credential }

func newCredentialSource(c credentials.Credential) *credentialSource { return &credentialSource{c} }

package e2e_test

import (
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// Taking renewStatus out does not end an automatic renewal; preview and update say so, and NotRenewal ends it.
func TestRenewalThatIsTakenOut(t *testing.T) {
	cloud, p := bought(t, small+"      renewStatus: AutoRenewal\n      renewPeriod: 6\n")
	p.Write(small)
	for _, run := range []e2e.Result{p.Preview(), p.Up()} {
		run.Succeeds().Shows("goes on renewing", "NotRenewal")
	}
	if r := cloud.Only().Renewal; r.Status != "AutoRenewal" || r.Period != 6 {
		t.Errorf("the renewal is %+v", r)
	}
	p.Preview("--expect-no-changes").Succeeds()
	// What the warning says.
	p.Write(small + "      renewStatus: NotRenewal\n")
	p.Up().Succeeds()
	if r := cloud.Only().Renewal; r.Status != "NotRenewal" {
		t.Errorf("the renewal is %+v", r)
	}
}

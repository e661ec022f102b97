package emulator

import (
	"bufio"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// isStatusPage says whether a browser asks for the page rather than a client for an action.
func isStatusPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.URL.RawQuery == "" &&
		r.Header.Get("x-acs-action") == "" && r.Header.Get("Authorization") == ""
}

const journalOnPage = 100

// serveStatus shows instances and journal to a person. Like the admin API it is for this machine only.
func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	if !fromThisMachine(r) {
		http.Error(w, "the status page answers only requests from this machine, by a loopback address", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Refresh", "5")
	t := s.Totals()
	page := bufio.NewWriter(w)
	fmt.Fprintf(page, "alicloud-kms-emulator: an emulator, not Alibaba Cloud. Site %s, account %s, regions %s.\nTime here: %s\n\n",
		s.opts.Site, s.opts.AccountID, strings.Join(s.opts.Regions, ", "), stamp(s.Now()))
	fmt.Fprintf(page, "%d bought, %d modified, %d renewed, %d refunded, %d released; paid %d, paid back %d; %d calls, "+
		"%d orders answered from their client token; %d faults waiting\n\nInstances:\n",
		t.Orders, t.Modifications, t.Renewals, t.Refunds, t.Releases, t.Paid, t.Refunded, t.Calls, t.Replays, len(s.Faults()))
	for _, i := range s.Instances() {
		fmt.Fprintln(page, i.line())
	}
	calls := s.Journal()
	calls = calls[max(0, len(calls)-journalOnPage):]
	fmt.Fprintf(page, "\nThe last %d calls, newest first:\n", len(calls))
	for _, c := range slices.Backward(calls) {
		fmt.Fprintln(page, c.line())
	}
	_ = page.Flush() // the browser may have left
}

func (i *Instance) line() string {
	status := i.Status
	switch {
	case i.Gone:
		status = "gone"
	case i.leaving():
		status += ", leaving"
	case i.upgrading():
		status += ", in upgrade"
	}
	if i.DeletionProtection {
		status += ", protected"
	}
	return fmt.Sprintf("  %s %q in %s: %s; %s until %s; VPC %q and %d bound; %+v",
		i.ID, i.Name, i.Region, status, i.PaymentType, stamp(i.EndDate), i.VpcID, len(i.BindVpcs), i.Sizes)
}

package emulator

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"time"
)

// isStatusPage says whether a browser asks for the page rather than a client for an action.
func isStatusPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == "/" && r.URL.RawQuery == "" &&
		r.Header.Get("x-acs-action") == "" && r.Header.Get("Authorization") == ""
}

const journalOnPage = 100

var statusPage = template.Must(template.New("status").Funcs(template.FuncMap{
	"stamp": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
	"line":  Call.line,
}).Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>alicloud-kms-emulator</title>
<meta http-equiv="refresh" content="5"><link rel="icon" href="data:,">
<style>
body{font-family:sans-serif;margin:2em;color:#222}
table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}
th{background:#eee}pre{background:#f6f6f6;padding:1em;overflow-x:auto}.gone{color:#999}
</style></head><body>
<h1>alicloud-kms-emulator</h1>
<p>An emulator, not Alibaba Cloud. Site {{.Site}}, account {{.Account}}, regions {{range $n, $r := .Regions}}{{if $n}}, {{end}}{{$r}}{{end}}.
Time here: {{stamp .Now}} UTC{{if .Virtual}} (virtual clock){{end}}.</p>
<p>{{.Totals.Orders}} bought, {{.Totals.Modifications}} modified, {{.Totals.Renewals}} renewed, {{.Totals.Refunds}} refunded,
{{.Totals.Releases}} released; paid {{.Totals.Paid}}, paid back {{.Totals.Refunded}}; {{.Totals.Calls}} calls,
{{.Totals.Replays}} orders answered from their client token; {{.Faults}} faults waiting.</p>
<h2>Instances</h2>
{{if .Instances}}<table><tr><th>Id</th><th>Name</th><th>Region</th><th>Status</th><th>Payment</th><th>Sizes</th><th>VPC</th><th>Created</th><th>Ends</th></tr>
{{range .Instances}}<tr{{if .Gone}} class="gone"{{end}}><td>{{.ID}}</td><td>{{.Name}}</td><td>{{.Region}}</td>
<td>{{if .Gone}}gone{{else}}{{.Status}}{{if not .GoneAt.IsZero}}, leaving{{end}}{{if .Ordered}}, in upgrade{{end}}{{end}}{{if .DeletionProtection}}, protected{{end}}</td>
<td>{{.PaymentType}}{{if .Renewal.Status}}, {{.Renewal.Status}}{{end}}</td>
<td>version {{.ProductVersion}}, spec {{.Spec}}, keys {{.KeyNum}}, secrets {{.SecretNum}}, VPCs {{.VpcNum}}, log {{.Log}} ({{.LogStorage}} GB)</td>
<td>{{.VpcID}}{{range .BindVpcs}}<br>+ {{.VpcID}}{{end}}</td><td>{{stamp .CreateTime}}</td><td>{{stamp .EndDate}}</td></tr>
{{end}}</table>{{else}}<p>None.</p>{{end}}
<h2>Journal</h2>
{{if .Calls}}<p>The last {{len .Calls}} calls, newest first.</p><pre>{{range .Calls}}{{line .}}
{{end}}</pre>{{else}}<p>No calls yet.</p>{{end}}
</body></html>
`))

// serveStatus shows instances and journal to a person. Like the admin API it is for this machine only.
func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	if !fromThisMachine(r) {
		adminError(w, http.StatusForbidden, "the status page answers only requests from this machine, by a loopback address")
		return
	}
	calls := s.Journal()
	slices.Reverse(calls)
	var page bytes.Buffer
	err := statusPage.Execute(&page, map[string]any{
		"Site": s.opts.Site, "Account": s.opts.AccountID, "Regions": s.opts.Regions,
		"Now": s.Now(), "Virtual": s.opts.VirtualClock, "Totals": s.Totals(), "Faults": len(s.Faults()),
		"Instances": s.Instances(), "Calls": calls[:min(len(calls), journalOnPage)],
	})
	if err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'")
	_, _ = w.Write(page.Bytes())
}

package emulator

import (
	"encoding/json"
	"slices"
	"strconv"
)

// getKmsInstance shows an instance. An id that KMS does not know (yet, or any more) is answered with HTTP 200 and an
// empty InstanceId.
func getKmsInstance(s *Server, r *request) (map[string]any, *apiError) {
	i := s.instance(r)
	if i == nil {
		if s.opts.NotFoundAsError {
			return nil, instanceNotFound()
		}
		return map[string]any{"KmsInstance": map[string]any{"InstanceId": ""}}, nil
	}
	return map[string]any{"KmsInstance": i.view()}, nil
}

// view is the KmsInstance object, with the spellings and value types of the cloud.
func (i *Instance) view() map[string]any {
	bound := make([]map[string]any, 0, len(i.BindVpcs))
	for _, b := range i.BindVpcs {
		bound = append(bound, map[string]any{
			"VpcId": b.VpcID, "VSwitchId": b.VSwitchID, "RegionId": b.RegionID, "VpcOwnerId": b.VpcOwnerID,
		})
	}
	v := map[string]any{
		"InstanceId":            i.ID,
		"InstanceName":          i.Name,
		"Status":                i.Status,
		"ChargeType":            "PREPAY",
		"ProductVersion":        i.ProductVersion,
		"ProductType":           i.ProductType,
		"SaleStatus":            i.SaleStatus,
		"Spec":                  i.Spec,
		"KeyNum":                i.KeyNum,
		"SecretNum":             strconv.Itoa(i.SecretNum),
		"VpcNum":                i.VpcNum,
		"Log":                   i.Log,
		"LogStorage":            i.LogStorage,
		"VpcId":                 i.VpcID,
		"VswitchIds":            emptyNotNull(i.VSwitchIDs),
		"ZoneIds":               emptyNotNull(i.ZoneIDs),
		"BindVpcs":              map[string]any{"BindVpc": bound},
		"CreateTime":            stamp(i.CreateTime),
		"StartDate":             stamp(i.StartDate),
		"EndDate":               stamp(i.EndDate),
		"CaCertificateChainPem": i.CACertificateChainPEM,
		"DeletionProtection":    i.DeletionProtection,
	}
	if i.PaymentType == PayAsYouGo {
		v["ChargeType"] = "POSTPAY"
	}
	if i.DeletionProtectionDescription != "" {
		v["DeletionProtectionDescription"] = i.DeletionProtectionDescription
	}
	return v
}

func emptyNotNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// listKmsInstances lists ids and ARNs, page by page.
func listKmsInstances(s *Server, r *request) (map[string]any, *apiError) {
	page, size, refused := r.page("PageNumber", 20, 100)
	if refused != nil {
		return nil, refused
	}
	keep, refused := instanceFilter(r.get("Filters"))
	if refused != nil {
		return nil, refused
	}
	all := slices.DeleteFunc(s.account.visible(r.caller.accountID, r.region, r.now), func(i *Instance) bool { return !keep(i) })
	rows := make([]map[string]any, 0, size)
	for _, i := range pageOf(all, page, size) {
		rows = append(rows, map[string]any{"KmsInstanceId": i.ID, "KmsInstanceArn": i.ARN()})
	}
	return map[string]any{
		"KmsInstances": map[string]any{"KmsInstance": rows},
		"TotalCount":   len(all), "PageNumber": page, "PageSize": size,
	}, nil
}

func pageOf[T any](all []T, page, size int) []T {
	if page-1 > len(all)/size {
		return nil
	}
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

// instanceFilter reads the Filters of ListKmsInstances: a JSON list of {Key, Values}, of which all must match.
func instanceFilter(text string) (func(*Instance) bool, *apiError) {
	if text == "" {
		return func(*Instance) bool { return true }, nil
	}
	var filters []struct {
		Key    string
		Values []string
	}
	_, ok := exactObjects(text, "Key", "Values")
	if err := json.Unmarshal([]byte(text), &filters); err != nil || !ok {
		return nil, invalidParameter("Filters must be a JSON list of objects with Key and Values.")
	}
	for _, f := range filters {
		if f.Key != "InstanceName" {
			return nil, invalidParameter("Filters: the key %q is not known; there is InstanceName.", f.Key)
		}
	}
	return func(i *Instance) bool {
		for _, f := range filters {
			if !slices.Contains(f.Values, i.Name) {
				return false
			}
		}
		return true
	}, nil
}

// getKmsInstanceQuotaInfos shows how much of an instance's sizes is in use. Keys and secrets are not modelled; their
// numbers are told, see Instance.UsedKeys.
func getKmsInstanceQuotaInfos(s *Server, r *request) (map[string]any, *apiError) {
	i := s.instance(r)
	if i == nil {
		return nil, instanceNotFound()
	}
	quotas := []struct {
		kind        string
		limit, used int
	}{{"key", i.KeyNum, i.UsedKeys}, {"secret", i.SecretNum, i.UsedSecrets}, {"qps", i.Spec, 0}, {"vpc", i.VpcNum, i.usedVpcs()}}
	rows := []map[string]any{}
	for _, q := range quotas {
		if r.wants("ResourceType", q.kind) {
			rows = append(rows, map[string]any{"ResourceType": q.kind, "ResourceQuota": q.limit, "UsedQuantity": q.used})
		}
	}
	switch {
	case len(rows) == 0:
		return nil, invalidParameter("ResourceType must be key, secret, qps or vpc.")
	case i.Status != StatusConnected || r.now.Before(i.ReadyAt):
		return nil, stateInvalid()
	}
	return map[string]any{instanceParameter: i.ID, "KmsInstanceQuotaInfos": rows}, nil
}

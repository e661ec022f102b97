package emulator

import (
	"encoding/json"
	"slices"
	"strconv"
)

// getKmsInstance shows an instance. An id that KMS does not know (yet, or any more) is answered with HTTP 200 and an
// empty InstanceId.
func getKmsInstance(s *Server, r *request) result {
	i := s.known(r)
	if i == nil && s.opts.NotFoundAsError {
		instanceNotFound()
	}
	if i == nil {
		return result{"KmsInstance": result{"InstanceId": ""}}
	}
	return result{"KmsInstance": i.view()}
}

// view is the KmsInstance object, with the spellings and value types of the cloud.
func (i *Instance) view() result {
	bound := []result{}
	for _, b := range i.BindVpcs {
		bound = append(bound, result{"VpcId": b.VpcID, "VSwitchId": b.VSwitchID, "RegionId": b.RegionID, "VpcOwnerId": b.VpcOwnerID})
	}
	v := result{
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
		"BindVpcs":              result{"BindVpc": bound},
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
func listKmsInstances(s *Server, r *request) result {
	page, size := r.number("PageNumber", 1, 1<<30), r.number("PageSize", 20, 100)
	keep := nameFilter(r)
	all := s.account.instances(r.now, func(i *Instance) bool {
		return s.account.visible(i, r.caller.accountID, r.region, r.now) && keep(i)
	})
	rows := []result{}
	for _, i := range pageOf(all, page, size) {
		rows = append(rows, result{"KmsInstanceId": i.ID, "KmsInstanceArn": i.ARN()})
	}
	return result{"KmsInstances": result{"KmsInstance": rows}, "TotalCount": len(all), "PageNumber": page, "PageSize": size}
}

func pageOf[T any](all []T, page, size int) []T {
	if page-1 > len(all)/size {
		return nil
	}
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

// nameFilter reads the Filters of ListKmsInstances: a JSON list of {Key, Values}, of which all must match.
func nameFilter(r *request) func(*Instance) bool {
	var filters []struct {
		Key    string
		Values []string
	}
	if r.get("Filters") != "" {
		exactObjects(r, "Filters", "Key", "Values")
		if err := json.Unmarshal([]byte(r.get("Filters")), &filters); err != nil {
			invalidParameter("Filters must be a JSON list of objects with Key and Values.")
		}
	}
	for _, f := range filters {
		if f.Key != "InstanceName" {
			invalidParameter("Filters: the key %q is not known; there is InstanceName.", f.Key)
		}
	}
	return func(i *Instance) bool {
		for _, f := range filters {
			if !slices.Contains(f.Values, i.Name) {
				return false
			}
		}
		return true
	}
}

// getKmsInstanceQuotaInfos shows how much of an instance's sizes is in use. Keys and secrets are not modelled; their
// numbers are told, see Instance.UsedKeys.
func getKmsInstanceQuotaInfos(s *Server, r *request) result {
	i := s.known(r)
	if i == nil {
		instanceNotFound()
	}
	quotas := []struct {
		kind        string
		limit, used int
	}{{"key", i.KeyNum, i.UsedKeys}, {"secret", i.SecretNum, i.UsedSecrets}, {"qps", i.Spec, 0}, {"vpc", i.VpcNum, i.usedVpcs()}}
	rows := []result{}
	for _, q := range quotas {
		if r.wants("ResourceType", q.kind) {
			rows = append(rows, result{"ResourceType": q.kind, "ResourceQuota": q.limit, "UsedQuantity": q.used})
		}
	}
	switch {
	case len(rows) == 0:
		invalidParameter("ResourceType must be key, secret, qps or vpc.")
	case i.Status != StatusConnected || r.now.Before(i.ReadyAt):
		stateInvalid()
	}
	return result{instanceParameter: i.ID, "KmsInstanceQuotaInfos": rows}
}

func describeRegions(s *Server, _ *request) result {
	rows := []result{}
	for _, region := range s.opts.Regions {
		rows = append(rows, result{"RegionId": region})
	}
	return result{"Regions": result{"Region": rows}}
}

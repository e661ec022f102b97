package emulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// connectKmsInstance starts the connection of an instance that was bought to its VPC.
func connectKmsInstance(s *Server, r *request) result {
	i := r.instance
	i.refuseExpired(r)
	switch {
	case i.ProductVersion == "1":
		refuse(unsupportedOperation("A hardware instance is connected in the console."))
	case i.Status != StatusUninitialized:
		refuse(unsupportedOperation("The instance is %s, not %s.", i.Status, StatusUninitialized))
	}
	s.checkConnection(r)
	i.meet(r.outcomes, r.now)
	i.VpcID, i.VSwitchIDs, i.ZoneIDs = r.get("VpcId"), r.split("VSwitchIds"), r.split("ZoneIds")
	i.Status, i.ConnectedAt = StatusConnecting, r.now.Add(s.opts.Connect)
	if i.NeverConnects {
		i.ConnectedAt = time.Time{}
	}
	return nil
}

// updateKmsInstanceBindVpc replaces the list of further VPCs that reach an instance.
func updateKmsInstanceBindVpc(s *Server, r *request) result {
	i := r.instance
	wanted := s.wantedVpcs(r, i)
	// A pay-as-you-go instance is billed by what it uses; only an ordered number of VPCs is a limit.
	if limited := i.PaymentType == Subscription || i.VpcNum > 0; limited && len(wanted)+i.SharedWith > i.VpcNum {
		badRequest("Rejected.ShareQuotaExceedLimit", "Instance Share Quota Exceed Limit.")
	}
	i.BindVpcs = wanted
	return nil
}

// wantedVpcs reads BindVpcs.
func (s *Server) wantedVpcs(r *request, i *Instance) []BindVpc {
	seen := map[string]bool{i.VpcID: true}
	bound := []BindVpc{}
	for _, entry := range exactObjects(r, "BindVpcs", "VpcId", "VSwitchId", "RegionId", "VpcOwnerId") {
		b := BindVpc{VpcOwnerID: i.AccountID}
		for name, field := range map[string]*string{"VpcId": &b.VpcID, "VSwitchId": &b.VSwitchID, "RegionId": &b.RegionID} {
			if value, there := entry[name]; there && json.Unmarshal(value, field) != nil {
				invalidParameter("BindVpcs: %s must be a text.", name)
			}
		}
		b.RegionID = cmp.Or(b.RegionID, i.Region)
		s.checkVSwitch(b.VpcID, b.VSwitchID, r.region)
		switch owner := entry["VpcOwnerId"]; {
		case seen[b.VpcID]:
			invalidParameter("BindVpcs: VPC %s is the instance's own or given twice.", b.VpcID)
		case b.RegionID != i.Region:
			invalidParameter("BindVpcs: VPC %s is in %s; only VPCs in %s can be bound.", b.VpcID, b.RegionID, i.Region)
		case len(owner) == 0 || string(owner) == "null":
		case !digitsPattern.Match(owner):
			invalidParameter("BindVpcs: VpcOwnerId must be a JSON number without a fraction.")
		default:
			b.VpcOwnerID = string(owner)
		}
		seen[b.VpcID] = true
		bound = append(bound, b)
	}
	return bound
}

// exactObjects reads a parameter that is a JSON list of objects with these fields, in this very spelling: encoding/json
// by itself would take them in upper or lower case.
func exactObjects(r *request, parameter string, fields ...string) []map[string]json.RawMessage {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.get(parameter)), &list); err != nil || list == nil {
		invalidParameter("%s must be a JSON list of objects with the fields %v.", parameter, fields)
	}
	for _, object := range list {
		for name := range object {
			if !slices.Contains(fields, name) {
				invalidParameter("%s must be a JSON list of objects with the fields %v, not %q.", parameter, fields, name)
			}
		}
	}
	return list
}

// maxNameLength is a guess; no rule for names is published.
const maxNameLength = 128

// updateKmsInstance renames an instance.
func updateKmsInstance(_ *Server, r *request) result {
	name := r.get("InstanceName")
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxNameLength {
		invalidParameter("InstanceName must be at most %d characters long.", maxNameLength)
	}
	r.instance.Name = name
	return nil
}

// setDeletionProtection switches the protection of an instance. Keys, which the call can name too, are not modelled.
func setDeletionProtection(s *Server, r *request) result {
	if r.get(instanceParameter) == "" {
		if r.get("KeyId") != "" || r.get("ProtectedResourceArn") != "" {
			notFound("Forbidden.KeyNotFound", "The specified Key is not found.")
		}
		missing(instanceParameter)
	}
	i := s.changeable(r)
	i.DeletionProtection, i.DeletionProtectionDescription = r.boolean("EnableDeletionProtection"), ""
	if i.DeletionProtection {
		i.DeletionProtectionDescription = r.get("DeletionProtectionDescription")
	}
	return nil
}

// codeProtected is the emulator's own code for a release or refund of a protected instance: the cloud's is
// not known.
const codeProtected = "Forbidden.DeletionProtectionEnabled"

// releaseKmsInstance gives a pay-as-you-go instance back.
func releaseKmsInstance(s *Server, r *request) result {
	i := r.instance
	switch {
	case i.PaymentType != PayAsYouGo:
		badRequest("Rejected.UnsupportedOperation", "Unsupported operation. A subscription instance is refunded, not released.")
	case i.DeletionProtection:
		forbidden(codeProtected, "The KMS instance is under deletion protection.")
	case !r.boolean("ForceDeleteWithoutBackup") && !i.HasBackup:
		forbidden("Forbidden.NoBackup", "this kms instance no backup, forbidden delete.")
	case i.upgrading():
		inUpgrade()
	}
	i.GoneAt = r.now.Add(s.opts.Release)
	s.account.Totals.Releases++
	return nil
}

package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"
)

// updateKmsInstanceBindVpc replaces the list of further VPCs that reach an instance.
func updateKmsInstanceBindVpc(s *Server, r *request) (map[string]any, *apiError) {
	i, refused := s.usable(r)
	if refused != nil {
		return nil, refused
	}
	wanted, refused := s.parseBindVpcs(r, i)
	if refused != nil {
		return nil, refused
	}
	// A pay-as-you-go instance is billed by what it uses; only an ordered number of VPCs is a limit.
	if limited := i.PaymentType == Subscription || i.VpcNum > 0; limited && len(wanted)+i.SharedWith > i.VpcNum {
		return nil, fail(http.StatusBadRequest, "Rejected.ShareQuotaExceedLimit", "Instance Share Quota Exceed Limit.")
	}
	i.BindVpcs = wanted
	r.effect.kind = EffectBound
	return nil, nil
}

func (s *Server) parseBindVpcs(r *request, i *Instance) ([]BindVpc, *apiError) {
	list, ok := exactObjects(r.get("BindVpcs"), "VpcId", "VSwitchId", "RegionId", "VpcOwnerId")
	if !ok {
		return nil, invalidParameter("BindVpcs must be a JSON list of objects with VpcId, VSwitchId, RegionId and VpcOwnerId.")
	}
	seen := map[string]bool{i.VpcID: true}
	bound := []BindVpc{}
	for _, entry := range list {
		b := BindVpc{VpcOwnerID: i.AccountID}
		for name, field := range map[string]*string{"VpcId": &b.VpcID, "VSwitchId": &b.VSwitchID, "RegionId": &b.RegionID} {
			if value, there := entry[name]; there && json.Unmarshal(value, field) != nil {
				return nil, invalidParameter("BindVpcs: %s must be a text.", name)
			}
		}
		if refused := s.checkVpc(b.VpcID, r.region); refused != nil {
			return nil, refused
		}
		if _, refused := s.checkVSwitch(b.VSwitchID, b.VpcID); refused != nil {
			return nil, refused
		}
		if seen[b.VpcID] {
			return nil, invalidParameter("BindVpcs: VPC %s is the instance's own or given twice.", b.VpcID)
		}
		seen[b.VpcID] = true
		if b.RegionID == "" {
			b.RegionID = i.Region
		}
		if b.RegionID != i.Region {
			return nil, invalidParameter("BindVpcs: VPC %s is in %s; only VPCs in %s can be bound.", b.VpcID, b.RegionID, i.Region)
		}
		if owner := entry["VpcOwnerId"]; len(owner) > 0 && string(owner) != "null" {
			if !digitsPattern.Match(owner) {
				return nil, invalidParameter("BindVpcs: VpcOwnerId must be a JSON number without a fraction.")
			}
			b.VpcOwnerID = string(owner)
		}
		bound = append(bound, b)
	}
	return bound, nil
}

// exactObjects reads a JSON list of objects that have no other fields than those named, in this very spelling:
// encoding/json by itself would take them in upper or lower case.
func exactObjects(text string, fields ...string) ([]map[string]json.RawMessage, bool) {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil {
		return nil, false
	}
	for _, object := range list {
		for name := range object {
			if !slices.Contains(fields, name) {
				return nil, false
			}
		}
	}
	return list, true
}

// maxNameLength is a guess; no rule for names is published.
const maxNameLength = 128

// updateKmsInstance renames an instance.
func updateKmsInstance(s *Server, r *request) (map[string]any, *apiError) {
	i, refused := s.changeable(r)
	if refused != nil {
		return nil, refused
	}
	name := r.get("InstanceName")
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxNameLength {
		return nil, invalidParameter("InstanceName must be at most %d characters long.", maxNameLength)
	}
	i.Name = name
	r.effect.kind = EffectRenamed
	return nil, nil
}

// setDeletionProtection switches the protection of an instance. Keys, which the call can name too, are not modelled.
func setDeletionProtection(s *Server, r *request) (map[string]any, *apiError) {
	if r.get(instanceParameter) == "" {
		if r.get("KeyId") != "" || r.get("ProtectedResourceArn") != "" {
			return nil, fail(http.StatusNotFound, "Forbidden.KeyNotFound", "The specified Key is not found.")
		}
		return nil, missing(instanceParameter)
	}
	on, refused := r.boolean("EnableDeletionProtection")
	if refused != nil {
		return nil, refused
	}
	i, refused := s.changeable(r)
	if refused != nil {
		return nil, refused
	}
	i.DeletionProtection, i.DeletionProtectionDescription = on, ""
	if on {
		i.DeletionProtectionDescription = r.get("DeletionProtectionDescription")
	}
	r.effect.kind = EffectProtected
	return nil, nil
}

// codeProtected is the emulator's own code for a release or refund of a protected instance: the cloud's is
// not known.
const codeProtected = "Forbidden.DeletionProtectionEnabled"

// releaseKmsInstance gives a pay-as-you-go instance back.
func releaseKmsInstance(s *Server, r *request) (map[string]any, *apiError) {
	force, refused := r.boolean("ForceDeleteWithoutBackup")
	if refused != nil {
		return nil, refused
	}
	i, refused := s.present(r)
	switch {
	case refused != nil:
		return nil, refused
	case i.PaymentType != PayAsYouGo:
		return nil, fail(http.StatusBadRequest, "Rejected.UnsupportedOperation",
			"Unsupported operation. A subscription instance is refunded, not released.")
	case i.DeletionProtection:
		return nil, fail(http.StatusForbidden, codeProtected, "The KMS instance is under deletion protection.")
	case !force && !i.HasBackup:
		return nil, fail(http.StatusForbidden, "Forbidden.NoBackup", "this kms instance no backup, forbidden delete.")
	case i.upgrading():
		return nil, inUpgrade()
	}
	i.GoneAt = r.now.Add(s.opts.Release)
	s.account.totals.Releases++
	r.effect.kind = EffectReleased
	return nil, nil
}

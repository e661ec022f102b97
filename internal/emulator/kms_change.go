package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
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
	if limited := i.PaymentType == Subscription || i.VpcNum > 0; limited && len(wanted) > i.VpcNum {
		return nil, fail(http.StatusBadRequest, "Rejected.ShareQuotaExceedLimit", "Instance Share Quota Exceed Limit.")
	}
	i.BindVpcs = wanted
	r.effect.kind = EffectBound
	return nil, nil
}

func (s *Server) parseBindVpcs(r *request, i *Instance) ([]BindVpc, *apiError) {
	var list []struct {
		VpcId      string
		VSwitchId  string
		RegionId   string
		VpcOwnerId json.RawMessage
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.get("BindVpcs"))))
	if err := decoder.Decode(&list); err != nil || list == nil {
		return nil, invalidParameter("BindVpcs must be a JSON list of objects with VpcId, VSwitchId, RegionId and VpcOwnerId.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, invalidParameter("BindVpcs has something after its list.")
	}
	seen := map[string]bool{i.VpcID: true}
	bound := []BindVpc{}
	for _, entry := range list {
		b := BindVpc{VpcID: entry.VpcId, VSwitchID: entry.VSwitchId, RegionID: entry.RegionId, VpcOwnerID: i.AccountID}
		if refused := s.checkVpc(b.VpcID); refused != nil {
			return nil, refused
		}
		if refused := s.checkVSwitch(b.VSwitchID); refused != nil {
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
		if len(entry.VpcOwnerId) > 0 && string(entry.VpcOwnerId) != "null" {
			if !digitsPattern.Match(entry.VpcOwnerId) {
				return nil, invalidParameter("BindVpcs: VpcOwnerId must be a JSON number without a fraction.")
			}
			b.VpcOwnerID = string(entry.VpcOwnerId)
		}
		bound = append(bound, b)
	}
	return bound, nil
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
	var on bool
	switch r.get("EnableDeletionProtection") {
	case "true":
		on = true
	case "false":
	default:
		return nil, invalidParameter("EnableDeletionProtection must be true or false.")
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

// CodeDeletionProtection is the emulator's own code for a release or refund of a protected instance: the cloud's is
// not known.
const CodeDeletionProtection = "Forbidden.DeletionProtectionEnabled"

// releaseKmsInstance gives a pay-as-you-go instance back.
func releaseKmsInstance(s *Server, r *request) (map[string]any, *apiError) {
	force := false
	switch r.get("ForceDeleteWithoutBackup") {
	case "true":
		force = true
	case "", "false":
	default:
		return nil, invalidParameter("ForceDeleteWithoutBackup must be true or false.")
	}
	i := s.instance(r)
	switch {
	case i == nil || i.leaving():
		return nil, instanceNotFound()
	case i.PaymentType != PayAsYouGo:
		return nil, fail(http.StatusBadRequest, "Rejected.UnsupportedOperation",
			"Unsupported operation. A subscription instance is refunded, not released.")
	case i.DeletionProtection:
		return nil, fail(http.StatusForbidden, CodeDeletionProtection, "The KMS instance is under deletion protection.")
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

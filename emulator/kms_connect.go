package emulator

import (
	"slices"
	"strings"
	"time"
)

// connectKmsInstance starts the connection of an instance that was bought to its VPC.
func connectKmsInstance(s *Server, r *request) (map[string]any, *apiError) {
	i, refused := s.present(r)
	switch {
	case refused != nil:
		return nil, refused
	case i.expired(r.now):
		return nil, ended(i)
	case i.ProductVersion == "1":
		return nil, unsupportedOperation("A hardware instance is connected in the console.")
	case i.Status != StatusUninitialized:
		return nil, unsupportedOperation("The instance is %s, not %s.", i.Status, StatusUninitialized)
	}
	if refused := s.checkNetwork(r); refused != nil {
		return nil, refused
	}
	i.VpcID = r.get("VpcId")
	i.VSwitchIDs = r.split("VSwitchIds")
	i.ZoneIDs = r.split("ZoneIds")
	i.Status = StatusConnecting
	i.ConnectedAt, i.ConnectsTo = r.now.Add(s.opts.Connect), ""
	if i.FailsToConnect {
		i.ConnectsTo = StatusError
	}
	if i.NeverConnects {
		i.ConnectedAt = time.Time{}
	}
	for _, f := range r.outcomes {
		switch f.Kind {
		case FaultErrorStatus:
			i.ConnectsTo = StatusError
		case FaultNeverConnected:
			i.ConnectedAt = time.Time{}
		}
	}
	r.effect.kind = EffectConnecting
	return nil, nil
}

// checkNetwork checks the network parameters of ConnectKmsInstance.
func (s *Server) checkNetwork(r *request) *apiError {
	if r.get("KMProvider") != "Aliyun" {
		return invalidParameter("KMProvider must be Aliyun.")
	}
	zones := r.split("ZoneIds")
	if len(zones) < 1 || len(zones) > 3 || hasDuplicates(zones) {
		return invalidParameter("ZoneIds must be one to three different zones.")
	}
	for _, zone := range zones {
		if !zoneInRegion(zone, r.region) {
			return invalidParameter("ZoneIds: %s is not a zone of %s.", zone, r.region)
		}
	}
	switches := r.split("VSwitchIds")
	if len(switches) == 0 || hasDuplicates(switches) {
		return invalidParameter("VSwitchIds must be the id of a vSwitch.")
	}
	if refused := s.checkVpc(r.get("VpcId"), r.region); refused != nil {
		return refused
	}
	for _, id := range switches {
		v, refused := s.checkVSwitch(id, r.get("VpcId"))
		switch {
		case refused != nil:
			return refused
		case v == nil: // nobody declared its VPC
		case !slices.Contains(zones, v.ZoneID):
			return invalidParameter("The vSwitch %s is in %s, which is not one of ZoneIds.", id, v.ZoneID)
		case networkStatus(v.AvailableAt, r.now) != "Available" || v.freeIPs() == 0:
			return invalidParameter("The vSwitch %s is not Available or has no free address.", id)
		}
	}
	return nil
}

func (s *Server) checkVpc(id, region string) *apiError {
	if !strings.HasPrefix(id, "vpc-") {
		return invalidParameter("%q is not the id of a VPC.", id)
	}
	if n := s.account.networks[id]; missingID(id) || n != nil && n.Region != region {
		return vpcNotFound(id)
	}
	return nil
}

// checkVSwitch refuses a vSwitch that is not in a VPC. It returns what is known of it: nothing if nobody declared the VPC.
func (s *Server) checkVSwitch(id, vpc string) (*VSwitch, *apiError) {
	if !strings.HasPrefix(id, "vsw-") {
		return nil, invalidParameter("%q is not the id of a vSwitch.", id)
	}
	n := s.account.networks[vpc]
	if missingID(id) || n != nil && n.find(id) == nil {
		return nil, vSwitchNotFound(id)
	}
	if n == nil {
		return nil, nil
	}
	return n.find(id), nil
}

// missingID says whether an id is one that does not exist, whoever declared what.
func missingID(id string) bool {
	return strings.HasPrefix(id, "vpc-missing") || strings.HasPrefix(id, "vsw-missing")
}

func hasDuplicates(list []string) bool {
	sorted := slices.Sorted(slices.Values(list))
	return len(slices.Compact(sorted)) != len(list)
}

package emulator

import "time"

const instanceParameter = "KmsInstanceId"

var kmsOperations = map[string]operation{
	"ConnectKmsInstance": {
		required: []string{instanceParameter, "VpcId", "ZoneIds", "VSwitchIds", "KMProvider"},
		postOnly: true, run: connectKmsInstance,
	},
	"GetKmsInstance":   {required: []string{instanceParameter}, run: getKmsInstance},
	"ListKmsInstances": {run: listKmsInstances},
	"UpdateKmsInstanceBindVpc": {
		required: []string{instanceParameter, "BindVpcs"}, run: updateKmsInstanceBindVpc,
	},
	"UpdateKmsInstance":     {required: []string{instanceParameter, "InstanceName"}, run: updateKmsInstance},
	"ReleaseKmsInstance":    {required: []string{instanceParameter}, run: releaseKmsInstance},
	"SetDeletionProtection": {required: []string{"EnableDeletionProtection"}, run: setDeletionProtection},
	"TagResources": {
		required: []string{"RegionId", "ResourceType", "ResourceId.N", "Tag.N"}, run: tagResources,
	},
	"UntagResources":   {required: []string{"RegionId", "ResourceType", "ResourceId.N"}, run: untagResources},
	"ListTagResources": {required: []string{"RegionId", "ResourceType"}, run: listTagResources},
	"GetKmsInstanceQuotaInfos": {
		required: []string{instanceParameter}, run: getKmsInstanceQuotaInfos,
	},
	"GetDefaultKmsInstance":    {run: getDefaultKmsInstance},
	"DescribeRegions":          {run: describeRegions},
	"DescribeAccountKmsStatus": {run: describeAccountKmsStatus},
	"OpenKmsService":           {run: openKmsService},
}

// instance returns the instance that a call names, as KMS of this region knows it.
func (s *Server) instance(r *request) *Instance {
	return s.account.find(r.get(instanceParameter), r.caller.accountID, r.region, r.now)
}

// present is like instance, but refuses an id that is unknown, or whose instance is about to go.
func (s *Server) present(r *request) (*Instance, *apiError) {
	if i := s.instance(r); i != nil && !i.leaving() {
		return i, nil
	}
	return nil, instanceNotFound()
}

// changeable returns the instance that a call wants to change, refusing one that cannot be changed now.
func (s *Server) changeable(r *request) (*Instance, *apiError) {
	i, refused := s.present(r)
	switch {
	case refused != nil:
		return nil, refused
	case i.expired(r.now):
		return nil, ended(i)
	case i.Status == StatusUninitialized || i.Status == StatusConnecting:
		return nil, notConnectedYet()
	case i.upgrading():
		return nil, inUpgrade()
	case r.now.Before(i.ReadyAt):
		return nil, stateInvalid()
	}
	return i, nil
}

// usable is like changeable, but also refuses an instance that does not serve.
func (s *Server) usable(r *request) (*Instance, *apiError) {
	i, refused := s.changeable(r)
	if refused == nil && i.Status != StatusConnected {
		return nil, stateInvalid()
	}
	return i, refused
}

// stamp writes a time as the cloud does.
func stamp(t time.Time) string {
	return t.UTC().Format(timestampFormat)
}

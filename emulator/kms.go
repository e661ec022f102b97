package emulator

import "time"

const instanceParameter = "KmsInstanceId"

var kmsOperations = map[string]operation{
	"ConnectKmsInstance": {
		required: []string{instanceParameter, "VpcId", "ZoneIds", "VSwitchIds", "KMProvider"},
		postOnly: true, run: connectKmsInstance,
	},
	"GetKmsInstance":   {required: []string{instanceParameter}, run: action(getKmsInstance)},
	"ListKmsInstances": {run: action(listKmsInstances)},
	"UpdateKmsInstanceBindVpc": {
		required: []string{instanceParameter, "BindVpcs"}, run: action(updateKmsInstanceBindVpc),
	},
	"UpdateKmsInstance":     {required: []string{instanceParameter, "InstanceName"}, run: action(updateKmsInstance)},
	"ReleaseKmsInstance":    {required: []string{instanceParameter}, run: action(releaseKmsInstance)},
	"SetDeletionProtection": {required: []string{"EnableDeletionProtection"}, run: action(setDeletionProtection)},
	"TagResources": {
		required: []string{"RegionId", "ResourceType", "ResourceId.N", "Tag.N"}, run: action(tagResources),
	},
	"UntagResources":   {required: []string{"RegionId", "ResourceType", "ResourceId.N"}, run: action(untagResources)},
	"ListTagResources": {required: []string{"RegionId", "ResourceType"}, run: action(listTagResources)},
	"GetKmsInstanceQuotaInfos": {
		required: []string{instanceParameter}, run: action(getKmsInstanceQuotaInfos),
	},
	"GetDefaultKmsInstance":    {run: action(getDefaultKmsInstance)},
	"DescribeRegions":          {run: action(describeRegions)},
	"DescribeAccountKmsStatus": {run: action(describeAccountKmsStatus)},
	"OpenKmsService":           {run: action(openKmsService)},
}

// instance returns the instance that a call names, as KMS of this region knows it.
func (s *Server) instance(r *request) *Instance {
	return s.account.find(r.get(instanceParameter), r.caller.accountID, r.region, r.now)
}

// changeable returns the instance that a call wants to change, refusing one that cannot be changed now.
func (s *Server) changeable(r *request) (*Instance, *apiError) {
	i := s.instance(r)
	switch {
	case i == nil || i.leaving():
		return nil, instanceNotFound()
	case i.expired(r.now):
		return nil, unsupportedOperation("The subscription of the instance ended at %s.", stamp(i.EndDate))
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

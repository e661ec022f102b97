package emulator

const instanceParameter = "KmsInstanceId"

var kmsOperations = map[string]operation{
	"ConnectKmsInstance": {
		required: []string{instanceParameter, "VpcId", "ZoneIds", "VSwitchIds", "KMProvider"}, postOnly: true, perSecond: 10,
		needs: (*Server).present, effect: "connecting", run: connectKmsInstance,
	},
	"GetKmsInstance":   {required: []string{instanceParameter}, run: getKmsInstance},
	"ListKmsInstances": {run: listKmsInstances},
	"UpdateKmsInstanceBindVpc": {
		required: []string{instanceParameter, "BindVpcs"}, perSecond: 10, countsAs: "ConnectKmsInstance",
		needs: (*Server).usable, effect: "bound", run: updateKmsInstanceBindVpc,
	},
	"UpdateKmsInstance": {
		required: []string{instanceParameter, "InstanceName"}, needs: (*Server).changeable, effect: "renamed", run: updateKmsInstance,
	},
	"ReleaseKmsInstance": {
		required: []string{instanceParameter}, booleans: []string{"ForceDeleteWithoutBackup"},
		needs: (*Server).present, effect: "released", run: releaseKmsInstance,
	},
	"SetDeletionProtection": {
		required: []string{"EnableDeletionProtection"}, booleans: []string{"EnableDeletionProtection"}, effect: "protected", run: setDeletionProtection,
	},
	"TagResources": {
		required: []string{"RegionId", "ResourceType", "ResourceId.N", "Tag.N"}, perSecond: 30, effect: "tagged", run: tagResources,
	},
	"UntagResources": {
		required: []string{"RegionId", "ResourceType", "ResourceId.N"}, booleans: []string{"All"}, perSecond: 30,
		effect: "untagged", run: untagResources,
	},
	"ListTagResources":         {required: []string{"RegionId", "ResourceType"}, run: listTagResources},
	"GetKmsInstanceQuotaInfos": {required: []string{instanceParameter}, run: getKmsInstanceQuotaInfos},
	"GetDefaultKmsInstance": {
		run: func(*Server, *request) result { return result{"DefaultKmsInstanceId": ""} },
	},
	"DescribeRegions": {run: describeRegions},
	"DescribeAccountKmsStatus": {
		perSecond: 1, run: func(*Server, *request) result { return result{"AccountStatus": "Enabled"} },
	},
	"OpenKmsService": {
		perSecond: 1, run: func(*Server, *request) result {
			badRequest("Forbidden.Opened", "Your kms service has been opened.")
			return nil
		},
	},
}

// known returns the instance that a call names, as KMS of this region knows it; nil if it knows none.
func (s *Server) known(r *request) *Instance {
	return s.account.find(r.get(instanceParameter), r.caller.accountID, r.region, r.now)
}

// present refuses an id that is unknown, or whose instance is about to go.
func (s *Server) present(r *request) *Instance {
	i := s.known(r)
	if i == nil || i.leaving() {
		instanceNotFound()
	}
	return i
}

// changeable also refuses an instance that cannot be changed now.
func (s *Server) changeable(r *request) *Instance {
	i := s.present(r)
	i.refuseExpired(r)
	i.refuseUnconnected()
	switch {
	case i.upgrading():
		inUpgrade()
	case r.now.Before(i.ReadyAt):
		stateInvalid()
	}
	return i
}

// usable also refuses an instance that does not serve.
func (s *Server) usable(r *request) *Instance {
	i := s.changeable(r)
	if i.Status != StatusConnected {
		stateInvalid()
	}
	return i
}

func (i *Instance) refuseExpired(r *request) {
	if i.expired(r.now) {
		refuse(unsupportedOperation("The subscription of the instance ended at %s.", stamp(i.EndDate)))
	}
}

// refuseUnconnected refuses an instance that has not been Connected yet.
func (i *Instance) refuseUnconnected() {
	if i.Status == StatusUninitialized || i.Status == StatusConnecting {
		badRequest("Rejected.Uninitialized", "The KMS instance is not initialized.")
	}
}

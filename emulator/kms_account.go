package emulator

import "net/http"

func getDefaultKmsInstance(*Server, *request) (map[string]any, *apiError) {
	return map[string]any{"DefaultKmsInstanceId": ""}, nil
}

func describeRegions(s *Server, _ *request) (map[string]any, *apiError) {
	rows := []map[string]any{}
	for _, region := range s.opts.Regions {
		rows = append(rows, map[string]any{"RegionId": region})
	}
	return map[string]any{"Regions": map[string]any{"Region": rows}}, nil
}

func describeAccountKmsStatus(s *Server, _ *request) (map[string]any, *apiError) {
	status := "NotEnabled"
	if s.account.opened {
		status = "Enabled"
	}
	return map[string]any{"AccountStatus": status}, nil
}

func openKmsService(s *Server, r *request) (map[string]any, *apiError) {
	if s.account.opened {
		return nil, fail(http.StatusBadRequest, "Forbidden.Opened", "Your kms service has been opened.")
	}
	s.account.opened = true
	r.effect.kind = EffectOpened
	return nil, nil
}

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

func describeAccountKmsStatus(*Server, *request) (map[string]any, *apiError) {
	return map[string]any{"AccountStatus": "Enabled"}, nil
}

func openKmsService(*Server, *request) (map[string]any, *apiError) {
	return nil, fail(http.StatusBadRequest, "Forbidden.Opened", "Your kms service has been opened.")
}

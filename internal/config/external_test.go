package config

const commandMarker = "x"

func runAsCommand([]string) int { return 0 }

// Package config is the provider's configuration: its keys ([Keys]), and what Check, Diff and Configure make of them.
//
// The first place that holds a non-empty value of a key wins: the configuration (stack configuration or an explicit provider),
// the environment variables of the key in the order of the table, the profile (region and credentials only). There is no
// default region. Environment variables are read when the plugin runs and are never recorded in the state.
//
// Configure reads no file and contacts nothing: a missing region or credential is an error of the first call that needs it.
package config

package e2e_test

import (
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

// marked is the JSON text in which the SDKs of C# and Java send a secret.
func marked(jsonText string) string {
	return `{ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": ` + jsonText + ` }`
}

// inTexts is a program whose explicit provider has values of the configuration's texts: YAML lets only such a text stand where the
// schema has an object or a number.
func inTexts(texts map[string]string) string {
	program := "name: texts\nruntime: yaml\nconfig:\n  texts: {type: object}\nresources:\n  provider:\n    type: pulumi:providers:alicloud-kms\n    properties:\n"
	for key := range texts {
		program += "      " + key + ": ${texts." + key + "}\n"
	}
	return program + instanceOfProvider
}

// setTexts sets the texts.
func setTexts(p *e2e.Project, texts map[string]string) {
	arguments := []string{"config", "set-all", "--path"}
	for key, text := range texts {
		arguments = append(arguments, "--plaintext", "texts."+key+"="+text)
	}
	p.Pulumi(arguments...).Succeeds()
}

// A provider whose values are JSON text with secret markers works, and nothing that is marked stands in the stack or the output in clear.
func TestProviderInJSONText(t *testing.T) {
	t.Parallel()
	const external, session = "hidden-external-id", "hidden-session-name"
	cloud := e2e.NewCloud(t, e2e.Quick())
	texts := map[string]string{
		"region": `"cn-hangzhou"`, "accountType": `"Domestic"`, "clientReadTimeout": marked("43219"), "skipRegionValidation": `"true"`,
		"accessKey": marked(`"` + emulator.DefaultAccessKeyID + `"`), "secretKey": marked(`"` + emulator.DefaultAccessKeySecret + `"`),
		"assumeRole": `{ "roleArn": "` + roleArn + `", "externalId": ` + marked(`"`+external+`"`) + `, "sessionName": ` + marked(`"`+session+`"`) + ` }`,
	}
	p := e2e.NewProject(t, cloud, inTexts(texts))
	p.SetEnv(e2e.Credential("", "")...)
	setTexts(p, texts)
	hidden := []string{emulator.DefaultAccessKeySecret, external, session, "43219"}
	p.Preview().Succeeds().Hides(hidden...)
	p.Pulumi("up", "--yes", "--diff").Succeeds().Hides(hidden...)
	p.Preview("--expect-no-changes").Succeeds()
	used := 0
	for _, call := range cloud.Journal() {
		if call.Action == "AssumeRole" && call.Parameters["ExternalId"] == external && call.Parameters["RoleSessionName"] == session {
			used++
		}
	}
	if used == 0 {
		t.Error("the role was not assumed as configured")
	}
	texts["assumeRole"] = strings.ReplaceAll(texts["assumeRole"], "hidden-", "hidden-new-")
	setTexts(p, texts)
	hidden = append(hidden, "hidden-new-")
	p.Preview().Succeeds().Shows("pulumi:providers:alicloud-kms: (update)").Hides(hidden...)
	p.Pulumi("up", "--yes", "--diff").Succeeds().Hides(hidden...)
	stack := p.Checkpoint() // the configuration of this test is in clear
	if !strings.Contains(stack, "kst-emu") || !strings.Contains(stack, roleArn) {
		t.Errorf("the stack is not as it should be: %s", stack)
	}
	for _, secret := range hidden {
		if strings.Contains(stack, secret) {
			t.Errorf("the stack has %q in clear", secret)
		}
	}
	p.Destroy().Succeeds().Hides(hidden...)
}

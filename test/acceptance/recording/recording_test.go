package recording_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/acceptance/recording"
	"github.com/pulumiverse/pulumi-alicloud-kms/test/e2e"
)

const kmsHost, stsHost, vpcHost = "kms.cn-hangzhou.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com", "vpc.cn-hangzhou.aliyuncs.com"

// Everything about the account that no recording may show.
const (
	account, otherAccount = "5555666677778888", "4444333322221111"
	keyID, keySecret      = "LTAI5tPlantedKeyId", "PlantedKeySecret0123456789"
	person, name, tag     = "alice.planted", "planted-name", "planted-tag"
	note                  = "planted words"
)

// tellAll makes calls whose requests and answers hold every kind of secret.
func tellAll(t *testing.T, s recording.Taped) (issued, certificate, id string) {
	t.Helper()
	s.Ask(stsHost, recording.STS, "GetCallerIdentity")
	role := s.Ask(stsHost, recording.STS, "AssumeRole", "RoleArn", "acs:ram::"+account+":role/planted-role", "RoleSessionName", "planted-session")
	issued = recording.Text(role.Body, "Credentials", "SecurityToken")
	temporary := recording.Credential{
		ID: recording.Text(role.Body, "Credentials", "AccessKeyId"), Secret: recording.Text(role.Body, "Credentials", "AccessKeySecret"), Token: issued,
	}
	ordered := s.Ask(recording.DomesticBilling, recording.BSS, "CreateInstance", "ProductCode", "kms", "ProductType", "kms_ppi_public_cn",
		"SubscriptionType", "PayAsYouGo", "ClientToken", "planted-token", "Parameter.1.Code", "Region", "Parameter.1.Value", "cn-hangzhou")
	id = recording.Text(ordered.Body, "Data", "InstanceId")
	s.Credential = temporary
	s.Ask(kmsHost, recording.KMS, "ConnectKmsInstance", "KmsInstanceId", id, "VpcId", "vpc-1", "VSwitchIds", "vsw-1",
		"ZoneIds", "cn-hangzhou-k", "KMProvider", "Aliyun")
	s.Ask(kmsHost, recording.KMS, "UpdateKmsInstance", "KmsInstanceId", id, "InstanceName", name)
	s.Ask(kmsHost, recording.KMS, "UpdateKmsInstanceBindVpc", "KmsInstanceId", id,
		"BindVpcs", `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"cn-hangzhou","VpcOwnerId":`+otherAccount+`}]`)
	s.Ask(kmsHost, recording.KMS, "SetDeletionProtection", "KmsInstanceId", id, "EnableDeletionProtection", "true",
		"DeletionProtectionDescription", note)
	s.Ask(kmsHost, recording.KMS, "TagResources", "RegionId", "cn-hangzhou", "ResourceType", "instance", "ResourceId.1", id,
		"Tag.1.Key", "k", "Tag.1.Value", tag)
	certificate = recording.Text(s.Ask(kmsHost, recording.KMS, "GetKmsInstance", "KmsInstanceId", id).Body, "KmsInstance", "CaCertificateChainPem")
	s.Ask(kmsHost, recording.KMS, "ListKmsInstances", "Filters", `[{"Key":"InstanceName","Values":["`+name+`"]}]`)
	s.Ask(vpcHost, recording.VPC, "CreateVpc", "RegionId", "cn-hangzhou", "VpcName", name)
	s.Credential.Secret = "wrong" // the refusal shows what was signed
	if refused := s.Ask(kmsHost, recording.KMS, "GetKmsInstance", "KmsInstanceId", id); refused.Code != "SignatureDoesNotMatch" {
		t.Errorf("the wrong secret is answered with %s", refused.Code)
	}
	return issued, certificate, id
}

// TestNoSecretSurvives: keys, tokens, signatures, account ids, names and certificates are not in the file, and what was the same
// before is the same after.
func TestNoSecretSurvives(t *testing.T) {
	t.Parallel()
	var issued, certificate, id string
	cloud := e2e.NewCloud(t, emulator.Options{AccountID: account, Credentials: []emulator.Credential{
		{AccessKeyID: keyID, Secret: keySecret, UserName: person},
	}})
	credential := recording.Credential{ID: keyID, Secret: keySecret}
	file := recording.Tape(t, cloud, credential, func(s recording.Taped) { issued, certificate, id = tellAll(t, s) })
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{
		keyID, keySecret, account, otherAccount, person, name, tag, note, "planted", issued, certificate[40:80], "ACS3-HMAC", "Nonce", "User-Agent",
	} {
		if strings.Contains(string(text), secret) || strings.Contains(string(text), url.QueryEscape(secret)) {
			t.Errorf("the recording has %q in it", secret)
		}
	}
	calls, err := recording.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	same := map[string]bool{}
	for _, c := range calls {
		same[c.Parameters["InstanceName"]+c.Parameters["VpcName"]] = true
		if c.Action == "GetKmsInstance" && c.Answer.Status == 200 {
			same[recording.Text(c.Answer.Body, "KmsInstance", "InstanceName")] = true
			bound := recording.Objects(c.Answer.Body, "KmsInstance", "BindVpcs", "BindVpc")
			if len(bound) != 1 || len(recording.Text(bound[0], "VpcOwnerId")) != len(otherAccount) || recording.Text(c.Answer.Body, "KmsInstance", "InstanceId") != id {
				t.Errorf("the instance was recorded as %v", c.Answer.Body)
			}
		}
	}
	if delete(same, ""); len(same) != 1 {
		t.Errorf("one name was replaced by %v", same)
	}
}

// TestDamagedRecording: a reader is told what is wrong.
func TestDamagedRecording(t *testing.T) {
	t.Parallel()
	file := recording.Tape(t, e2e.NewCloud(t, emulator.Options{}), recording.Default, func(s recording.Taped) {
		s.Ask(stsHost, recording.STS, "GetCallerIdentity")
	})
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"cut":             string(whole[:len(whole)/2]),
		"without its end": strings.Replace(string(whole), "# end", "# cut", 1),
		"empty":           "",
		"another file":    "name: project\nruntime: yaml\n",
		"no calls":        "---\nversion: 2\ninteractions: []\n",
		"a body cut":      strings.Replace(string(whole), `{"AccountId"`, `"AccountId"`, 1),
		"without actions": strings.Replace(string(whole), "X-Acs-Action", "X-Other", 1),
		"without times":   strings.Replace(string(whole), "Recorded-At", "X-Other", 1),
	} {
		if text == string(whole) {
			t.Fatalf("%s: nothing is damaged in %s", what, whole)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := recording.Load(file); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := recording.Load(filepath.Join(t.TempDir(), "missing.yaml")); err == nil {
		t.Error("a missing file is accepted")
	}
}

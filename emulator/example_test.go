package emulator_test

import (
	"fmt"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/pulumiverse/pulumi-alicloud-kms/emulator"
)

// The generic client of Alibaba Cloud buys an instance twice with the same client token. The answer to the first order is
// lost after it took effect, so the client cannot know that it bought something. The journal does.
func Example() {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	cloud, err := emulator.New(emulator.Options{})
	check(err)
	check(cloud.Start())
	defer func() { _ = cloud.Close() }()
	client, err := openapi.NewClient(&openapiutil.Config{
		Endpoint:        dara.String(strings.TrimPrefix(cloud.URL(""), "http://")),
		Protocol:        dara.String("HTTP"),
		AccessKeyId:     dara.String(emulator.DefaultAccessKeyID),
		AccessKeySecret: dara.String(emulator.DefaultAccessKeySecret),
	})
	check(err)

	check(cloud.Inject(emulator.Fault{Action: "CreateInstance", Kind: emulator.FaultReset.After()}))
	order := map[string]string{
		"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription", "Period": "1", "ClientToken": "once",
		"Parameter.1.Code": "Region", "Parameter.1.Value": "cn-hangzhou",
	}
	if _, err := call(client, "2017-12-14", "CreateInstance", order); err == nil {
		fmt.Println("the answer was not lost")
	}
	answer, err := call(client, "2017-12-14", "CreateInstance", order)
	check(err)
	bought, _ := answer["Data"].(map[string]any)
	shown, err := call(client, "2016-01-20", "GetKmsInstance", map[string]string{"KmsInstanceId": fmt.Sprint(bought["InstanceId"])})
	check(err)
	instance, _ := shown["KmsInstance"].(map[string]any)
	fmt.Println(instance["Status"])

	for _, c := range cloud.Journal() {
		fmt.Printf("%s %s %s fault=%s paid=%d\n", c.Service, c.Action, c.Effect, c.Fault, c.Amount)
	}
	fmt.Println("instances bought:", cloud.Totals().Orders)
	// Output:
	// Uninitialized
	// BSS CreateInstance ordered fault=reset-after paid=720
	// BSS CreateInstance replayed fault= paid=0
	// KMS GetKmsInstance  fault= paid=0
	// instances bought: 1
}

// call makes one call with all parameters in the query.
func call(client *openapi.Client, version, action string, query map[string]string) (map[string]any, error) {
	result, err := client.CallApi(&openapiutil.Params{
		Action: &action, Version: &version, Protocol: dara.String("HTTP"), Pathname: dara.String("/"), Method: dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapiutil.OpenApiRequest{Query: openapiutil.Query(query)}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, _ := result["body"].(map[string]any)
	return body, nil
}

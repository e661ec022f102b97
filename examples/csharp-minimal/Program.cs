using System.Collections.Generic;
using Pulumi;
using Kms = Pulumiverse.AlicloudKms;

return await Deployment.RunAsync(() =>
{
    var config = new Config();

    // The bound VPC belongs to the account that runs this program.
    var caller = Kms.GetCallerIdentity.Invoke();

    // An instance that holds keys needs two guards, the option Protect = true and the input DeletionProtection = true:
    // destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
    var instance = new Kms.KmsInstance("kms", new()
    {
        InstanceName = "kms-minimal",
        PaymentType = Kms.PaymentType.Subscription,
        ProductVersion = Kms.ProductVersion.Software,
        Spec = 1000,
        KeyNum = 1000,
        SecretNum = 0,
        VpcNum = 2,
        ZoneIds = { "cn-hangzhou-k", "cn-hangzhou-j" },
        VpcId = config.Require("vpcId"),
        VswitchIds = { config.Require("vswitchId") },
        BindVpcs =
        {
            new Kms.Inputs.BindVpcArgs
            {
                VpcId = config.Require("ordersVpcId"),
                VswitchId = config.Require("ordersVswitchId"),
                VpcOwnerId = caller.Apply(c => c.AccountId),
            },
        },
        Tags = { ["environment"] = "example" },
    });

    return new Dictionary<string, object?>
    {
        ["instanceId"] = instance.InstanceId,
        ["status"] = instance.Status,
        ["endpoint"] = instance.Endpoint,
        ["caCertificateChainPem"] = instance.CaCertificateChainPem,
    };
});

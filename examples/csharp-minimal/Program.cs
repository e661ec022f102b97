using System.Collections.Generic;
using System.Linq;
using Pulumi;
using Kms = Pulumiverse.AlicloudKms;

return await Deployment.RunAsync(() =>
{
    var config = new Config();

    // The bound VPCs belong to the account that runs this program.
    var caller = Kms.GetCallerIdentity.Invoke();

    // An instance that holds keys needs two guards, the option Protect = true and the input DeletionProtection = true:
    // destroying it destroys every key and secret in it. They are left out here only so that the example can be destroyed again.
    var instance = new Kms.KmsInstance("kms", new()
    {
        InstanceName = "kms-subscription",
        PaymentType = Kms.PaymentType.Subscription,
        ProductVersion = Kms.ProductVersion.Software,
        Period = 1,
        RenewStatus = Kms.RenewStatus.ManualRenewal,
        RenewPeriod = 3, // of use with AutoRenewal only; kept for the day that RenewStatus changes
        Spec = 1000,
        KeyNum = 1000,
        SecretNum = 0,
        VpcNum = 7,
        Log = Kms.LogSwitch.Off,
        LogStorage = 0,
        ZoneIds = { "cn-hangzhou-k", "cn-hangzhou-j" },
        VpcId = config.Require("vpcId"),
        VswitchIds = { config.Require("vswitchId") },
        BindVpcs = new[] { "orders", "payments", "reports" }.Select(name => new Kms.Inputs.BindVpcArgs
        {
            VpcId = config.Require($"{name}VpcId"),
            VswitchId = config.Require($"{name}VswitchId"),
            RegionId = "cn-hangzhou",
            VpcOwnerId = caller.Apply(c => c.AccountId),
        }).ToArray(),
        Tags = { ["environment"] = "example" },
    });

    return new Dictionary<string, object?>
    {
        ["instanceId"] = instance.InstanceId,
        ["status"] = instance.Status,
        ["endpoint"] = instance.Endpoint,
        ["caCertificateChainPem"] = instance.CaCertificateChainPem,
        ["endDate"] = instance.EndDate,
        ["arn"] = instance.Arn,
    };
});

using System.Collections.Generic;
using System.Linq;
using Pulumi;
using Kms = Pulumiverse.AlicloudKms;

return await Deployment.RunAsync(() =>
{
    var config = new Config();

    // The bound VPCs belong to the account that runs this program.
    var caller = Kms.GetCallerIdentity.Invoke();

    // An instance that holds keys needs two guards, the option Protect = true and the input DeletionProtection = true, and
    // ForceDeleteWithoutBackup off: destroying it destroys every key and secret in it. They are left out here only so that
    // the example can be destroyed again.
    var instance = new Kms.KmsInstance("kms", new()
    {
        InstanceName = "kms-payasyougo",
        PaymentType = Kms.PaymentType.PayAsYouGo,
        ProductVersion = Kms.ProductVersion.Software,
        ForceDeleteWithoutBackup = true, // release the instance even if it has no backup
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
    });

    return new Dictionary<string, object?>
    {
        ["instanceId"] = instance.InstanceId,
        ["status"] = instance.Status,
        ["endpoint"] = instance.Endpoint,
        ["caCertificateChainPem"] = instance.CaCertificateChainPem,
        ["arn"] = instance.Arn,
    };
});

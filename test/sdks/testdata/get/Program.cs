// An instance that is there already.
using System.Collections.Generic;
using Pulumi;
using Kms = Pulumiverse.AlicloudKms;

return await Deployment.RunAsync(() =>
{
    var existing = Kms.KmsInstance.Get("existing", new Config().Require("id"));
    return new Dictionary<string, object?> { ["name"] = existing.InstanceName };
});

# A component with an instance of its own, and an instance that is there already.
from typing import Optional

import pulumi
import pulumiverse_alicloud_kms as kms


class Keys(pulumi.ComponentResource):
    endpoint: pulumi.Output[Optional[str]]

    def __init__(
        self, name: str, vpc_id: pulumi.Input[str], vswitch_id: pulumi.Input[str], opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("example:index:Keys", name, None, opts)
        instance = kms.KmsInstance(
            name,
            payment_type=kms.PaymentType.PAY_AS_YOU_GO,
            product_version=kms.ProductVersion.SOFTWARE,
            force_delete_without_backup=True,
            zone_ids=["cn-hangzhou-k", "cn-hangzhou-j"],
            vpc_id=vpc_id,
            vswitch_ids=[vswitch_id],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.endpoint = instance.endpoint
        self.register_outputs({"endpoint": self.endpoint})


keys = Keys("keys", "vpc-bp1main00000000000000", "vsw-bp1main00000000000000")
existing = kms.KmsInstance.get("existing", pulumi.Config().require("id"))

pulumi.export("endpoint", keys.endpoint)
pulumi.export("name", existing.instance_name)

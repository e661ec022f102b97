# Programs that Python runs, and that the SDK or the provider refuses. The key `case` of the configuration chooses one.
from typing import Any

import pulumi
import pulumiverse_alicloud_kms as kms

network: dict[str, Any] = {"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "zone_ids": ["cn-hangzhou-k"]}
case = pulumi.Config().require("case")

if case == "enum":
    kms.KmsInstance("kms", **network, payment_type="Prepaid")  # type: ignore[call-overload]
elif case == "type":
    kms.KmsInstance("kms", **network, spec="a thousand")  # type: ignore[call-overload]
elif case == "missing":
    kms.KmsInstance("kms", vswitch_ids=["vsw-1"], zone_ids=["cn-hangzhou-k"])
elif case == "misspelt":
    kms.KmsInstance("kms", **network, payment_typ="Subscription")  # type: ignore[call-overload]

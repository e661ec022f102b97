# Each line that ends in "wrong" is an error of a type checker; the other lines are fine.
import pulumiverse_alicloud_kms as kms

kms.KmsInstance("fine", vpc_id="vpc-1", vswitch_ids=["vsw-1"], zone_ids=["cn-hangzhou-k"], spec=1000)

kms.KmsInstance("type", vpc_id="vpc-1", vswitch_ids=["vsw-1"], zone_ids=["cn-hangzhou-k"], spec="1000")  # wrong
kms.KmsInstance("enum", vpc_id="vpc-1", vswitch_ids=["vsw-1"], zone_ids=["cn-hangzhou-k"], payment_type=1)  # wrong
kms.BindVpcArgs(vpc_id="vpc-2")  # wrong

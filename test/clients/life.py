"""The life of an instance against the emulator, with Alibaba Cloud's own Python clients.

The SDKs of KMS, VPC and BSS do what they know; the generic client does the rest. run.sh runs this with the emulator's
variables.
"""

import os
import sys

from alibabacloud_bssopenapi20171214 import models as bss_models
from alibabacloud_bssopenapi20171214.client import Client as BssClient
from alibabacloud_kms20160120 import models as kms_models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_tea_openapi import utils_models as openapi_models
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.runtime import RuntimeOptions

KMS, BSS, STS = "2016-01-20", "2017-12-14", "2015-04-01"
ENDPOINT = os.environ["ALIBABA_CLOUD_ENDPOINT_KMS"].removeprefix("http://")
REGION = os.environ["ALIBABA_CLOUD_REGION"]


def expect(what, got, want):
    if got != want:
        raise AssertionError(f"{what} is {got!r}, not {want!r}")


class Clients:
    """The clients, with one credential and one form of signature."""

    def __init__(self, algorithm, key, secret, token=None):
        def config():
            c = openapi_models.Config(
                access_key_id=key, access_key_secret=secret, security_token=token, region_id=REGION,
                endpoint=ENDPOINT, protocol="HTTP", read_timeout=20000, connect_timeout=20000,
            )
            if algorithm:
                c.signature_algorithm = algorithm
            return c

        self.kms = KmsClient(config())
        self.vpc = VpcClient(config())
        self.bss = BssClient(config())
        self.generic = OpenApiClient(config())

    def call(self, version, action, query=None, method="POST", form=None):
        params = openapi_models.Params(
            action=action, version=version, protocol="HTTP", pathname="/", method=method, auth_type="AK",
            style="RPC", req_body_type="formData", body_type="json",
        )
        request = openapi_models.OpenApiRequest(query=query or {}, body=form)
        return self.generic.call_api(params, request, RuntimeOptions())["body"]

    def ok(self, *args, **kwargs):
        body = self.call(*args, **kwargs)
        if body.get("Success") is False:
            raise AssertionError(f"{args[1]}: {body}")
        return body

    def get(self, instance):
        return self.kms.get_kms_instance(kms_models.GetKmsInstanceRequest(kms_instance_id=instance)).body.kms_instance


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as error:  # each client has a class of its own
        expect("the code of the refusal", getattr(error, "code", None), code)
        return
    raise AssertionError(f"{code} was expected, but the call was answered")


def purchase(product_type, payment, token):
    return {
        "ProductCode": "kms", "ProductType": product_type, "SubscriptionType": payment, "Period": "1",
        "ClientToken": token, "Parameter.1.Code": "Region", "Parameter.1.Value": REGION,
        "Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
        "Parameter.3.Code": "SecretNum", "Parameter.3.Value": "10",
        "Parameter.4.Code": "VpcNum", "Parameter.4.Value": "2",
    }


def create_network(c):
    vpc = c.vpc.create_vpc(vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.0.0.0/8", vpc_name="clients")).body.vpc_id
    vswitch = c.vpc.create_vswitch(vpc_models.CreateVSwitchRequest(
        region_id=REGION, vpc_id=vpc, zone_id=f"{REGION}-k", cidr_block="10.1.0.0/24",
    )).body.v_switch_id
    c.vpc.tag_resources(vpc_models.TagResourcesRequest(
        region_id=REGION, resource_type="VPC", resource_id=[vpc], tag=[vpc_models.TagResourcesRequestTag(key="run", value="python")],
    ))
    vpcs = c.vpc.describe_vpcs(vpc_models.DescribeVpcsRequest(region_id=REGION, vpc_id=vpc)).body.vpcs.vpc
    expect("the VPC", (vpcs[0].vpc_name, vpcs[0].tags.tag[0].value, vpcs[0].v_switch_ids.v_switch_id), ("clients", "python", [vswitch]))
    rows = c.vpc.describe_vswitches(vpc_models.DescribeVSwitchesRequest(vpc_id=vpc, page_size=50)).body.v_switches.v_switch
    expect("the vSwitch", (rows[0].v_switch_id, rows[0].status, rows[0].available_ip_address_count), (vswitch, "Available", 252))
    unknown = c.vpc.describe_vswitches(vpc_models.DescribeVSwitchesRequest(region_id=REGION, v_switch_id="vsw-unknown")).body
    expect("vSwitches of an unknown id", unknown.total_count, 0)
    return vpc, vswitch


def delete_network(c, vpc, vswitch):
    refused("DependencyViolation.VSwitch", c.vpc.delete_vpc, vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=vpc))
    c.vpc.delete_vswitch(vpc_models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=vswitch))
    c.vpc.delete_vpc(vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=vpc))
    gone = c.vpc.describe_vpc_attribute(vpc_models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc)).body
    expect("the id of a deleted VPC", gone.vpc_id, "")


def billed(c, bought, product_type, paid):
    """What billing says of an instance and of its order, with the BSS SDK."""
    rows = c.bss.query_available_instances(bss_models.QueryAvailableInstancesRequest(
        product_code="kms", product_type=product_type, page_size=100,
    )).body.data.instance_list
    expect("what billing lists", [(r.instance_id, r.status) for r in rows], [(bought["InstanceId"], "Normal")])
    detail = c.bss.get_order_detail(bss_models.GetOrderDetailRequest(order_id=bought["OrderId"])).body.data.order_list.order[0]
    expect("the order", (detail.instance_ids, detail.pretax_amount, detail.order_type), (f'["{bought["InstanceId"]}"]', paid, "New"))


def subscription(c, run, vpc, vswitch):
    order = purchase("kms_ddi_public_cn", "Subscription", "python-" + run)
    bought = c.ok(BSS, "CreateInstance", order)["Data"]
    instance = bought["InstanceId"]
    billed(c, bought, "kms_ddi_public_cn", "741")
    expect("the instance of the same token", c.ok(BSS, "CreateInstance", order)["Data"]["InstanceId"], instance)
    expect("the status", c.get(instance).status, "Uninitialized")
    c.kms.connect_kms_instance(kms_models.ConnectKmsInstanceRequest(
        kms_instance_id=instance, vpc_id=vpc, zone_ids=f"{REGION}-k,{REGION}-j", v_switch_ids=vswitch, kmprovider="Aliyun",
    ))
    owner = 1234567890123456789
    vpcs = '[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"%s","VpcOwnerId":%d}]' % (REGION, owner)
    c.ok(KMS, "UpdateKmsInstanceBindVpc", {"KmsInstanceId": instance, "BindVpcs": vpcs}, method="GET")
    shown = c.get(instance)
    expect("the status", shown.status, "Connected")
    expect("SecretNum", shown.secret_num, "10")
    expect("KeyNum", shown.key_num, 1000)
    expect("VswitchIds", shown.vswitch_ids, [vswitch])
    expect("VpcOwnerId", shown.bind_vpcs.bind_vpc[0].vpc_owner_id, str(owner))
    c.kms.update_kms_instance_bind_vpc(kms_models.UpdateKmsInstanceBindVpcRequest(kms_instance_id=instance, bind_vpcs="[]"))

    name = "a name with 中文 & ~*+/"
    c.ok(KMS, "UpdateKmsInstance", {"KmsInstanceId": instance, "InstanceName": name})
    expect("the name", c.get(instance).instance_name, name)
    listed = c.kms.list_kms_instances(kms_models.ListKmsInstancesRequest(page_number=1, page_size=100)).body
    if instance not in [row.kms_instance_id for row in listed.kms_instances.kms_instance]:
        raise AssertionError("the instance is not listed")
    quotas = c.kms.get_kms_instance_quota_infos(
        kms_models.GetKmsInstanceQuotaInfosRequest(kms_instance_id=instance, resource_type="vpc")
    ).body
    quota = quotas.kms_instance_quota_infos[0]
    expect("the quota", (quota.resource_quota, quota.used_quantity), (2, 0))

    scope = {"region_id": REGION, "resource_type": "instance", "resource_id": [instance]}
    c.kms.tag_resources(kms_models.TagResourcesRequest(**scope, tag=[
        kms_models.TagResourcesRequestTag(key="key:@/中", value="v+/中="),
        kms_models.TagResourcesRequestTag(key="empty", value=""),
    ]))
    c.kms.untag_resources(kms_models.UntagResourcesRequest(**scope, tag_key=["empty"]))
    tags = c.kms.list_tag_resources(kms_models.ListTagResourcesRequest(**scope)).body.tag_resources.tag_resource
    expect("the tags", [(t.tag_key, t.tag_value) for t in tags], [("key:@/中", "v+/中=")])

    # As Terraform does it: what is not common goes into a form.
    c.ok(KMS, "SetDeletionProtection", form={"KmsInstanceId": instance, "EnableDeletionProtection": "true"})
    shown = c.ok(KMS, "GetKmsInstance", {"KmsInstanceId": instance})["KmsInstance"]
    expect("DeletionProtection", shown["DeletionProtection"], True)
    c.ok(KMS, "SetDeletionProtection", {"KmsInstanceId": instance, "EnableDeletionProtection": "false"})

    product = {"ProductCode": "kms", "ProductType": "kms_ddi_public_cn", "SubscriptionType": "Subscription"}
    c.ok(BSS, "ModifyInstance", product | {
        "ModifyType": "Upgrade", "InstanceId": instance, "Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
    })
    expect("KeyNum", c.get(instance).key_num, 2000)
    c.ok(BSS, "SetRenewal", product | {
        "InstanceIDs": instance, "RenewalStatus": "AutoRenewal", "RenewalPeriod": "1", "RenewalPeriodUnit": "Y",
    })
    row = c.ok(BSS, "QueryAvailableInstances", {"InstanceIDs": instance, "ProductCode": "kms"})["Data"]["InstanceList"][0]
    expect("the renewal", (row["RenewStatus"], row["RenewalDuration"], row["RenewalDurationUnit"]), ("AutoRenewal", 1, "Y"))
    renewal = c.ok(BSS, "RenewInstance", {
        "InstanceId": instance, "ProductCode": "kms", "RenewPeriod": "1", "ClientToken": "renew-python-" + run,
    })
    expect("the number of a renewal's order", renewal["Data"]["OrderId"].isdigit(), True)
    refund = c.ok(BSS, "RefundInstance", {"InstanceId": instance, "ProductCode": "kms", "ProductType": "kms_ddi_public_cn"})
    expect("the type of a refund's OrderId", type(refund["Data"]["OrderId"]), int)
    expect("the id of a refunded instance", c.get(instance).instance_id, "")


def pay_as_you_go(c, run):
    order = purchase("kms_ppi_public_cn", "PayAsYouGo", "python-by-use-" + run)
    bought = c.ok(BSS, "CreateInstance", order)["Data"]
    instance = bought["InstanceId"]
    billed(c, bought, "kms_ppi_public_cn", "0")
    expect("ChargeType", c.get(instance).charge_type, "POSTPAY")
    c.kms.release_kms_instance(kms_models.ReleaseKmsInstanceRequest(kms_instance_id=instance, force_delete_without_backup="true"))
    expect("the region", c.kms.describe_regions().body.regions.region[0].region_id, REGION)
    expect("the account's status", c.kms.describe_account_kms_status().body.account_status, "Enabled")
    c.kms.get_default_kms_instance()


def refusals(c):
    refused("Forbidden.DKMSInstanceNotFound", c.kms.release_kms_instance,
            kms_models.ReleaseKmsInstanceRequest(kms_instance_id="kst-unknown"))
    refused("MissingKmsInstanceId", c.kms.get_kms_instance, kms_models.GetKmsInstanceRequest())
    refused("Forbidden.Opened", c.kms.open_kms_service)
    refused("InvalidApi.NotFound", c.call, KMS, "CreateKmsInstance")
    business = c.call(BSS, "RefundInstance", {"InstanceId": "kst-unknown", "ProductCode": "kms"})
    expect("a business failure", (business["Success"], business["Code"]), (False, "ResourceNotExists"))


def main():
    key, secret = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    for form, algorithm in (("ACS3", None), ("V1", "v2")):
        c = Clients(algorithm, key, secret)
        if not c.ok(STS, "GetCallerIdentity")["Arn"].startswith("acs:ram::"):
            raise AssertionError("the caller has no ARN")
        account = c.ok(STS, "GetCallerIdentity")["AccountId"]
        session = c.ok(STS, "AssumeRole", {"RoleArn": f"acs:ram::{account}:role/ci", "RoleSessionName": "ci"})["Credentials"]
        c = Clients(algorithm, session["AccessKeyId"], session["AccessKeySecret"], session["SecurityToken"])
        network = create_network(c)
        subscription(c, form, *network)
        pay_as_you_go(c, form)
        delete_network(c, *network)
        refusals(c)
        refused("SignatureDoesNotMatch", Clients(algorithm, key, "wrong").kms.describe_regions)
        refused("InvalidAccessKeyId.NotFound", Clients(algorithm, "nobody", secret).kms.describe_regions)
        print("python:", form, "ok")


if __name__ == "__main__":
    sys.exit(main())

// The life of an instance against the emulator, with Alibaba Cloud's own clients for TypeScript: the generic client and the
// SDKs of VPC and BSS with both signatures, and the KMS SDK. The KMS SDK that is published there knows no instances, but it is a client of the
// older generation, whose generic part sends calls as Terraform does. run.sh compiles this and runs it with the
// emulator's variables.

import assert from "node:assert/strict";
import BssClient, * as bss from "@alicloud/bssopenapi20171214";
import KmsClient, { DescribeRegionsRequest } from "@alicloud/kms20160120";
import OpenApiClient, { Config, OpenApiRequest, Params } from "@alicloud/openapi-client";
import { $OpenApiUtil } from "@alicloud/openapi-core";
import { Config as OlderConfig } from "@alicloud/rpc-client";
import { RuntimeOptions } from "@alicloud/tea-util";
import VpcClient, * as vpc from "@alicloud/vpc20160428";

type Parameters = Record<string, string>;
type How = { method?: "GET" | "POST"; form?: Parameters };
// What the generic clients return has no type of its own.
type Body = Record<string, any>;
type Credential = { type: string; accessKeyId: string; accessKeySecret: string; securityToken?: string };
type Client = {
  call(version: string, action: string, query?: Parameters, how?: How): Promise<Body>;
  sdk?: KmsClient;
  vpc?: VpcClient;
  bss?: BssClient;
};
type Network = { VpcId: string; VSwitchId: string };

const KMS = "2016-01-20";
const BSS = "2017-12-14";
const STS = "2015-04-01";
const region = environment("ALIBABA_CLOUD_REGION");
const endpoint = environment("ALIBABA_CLOUD_ENDPOINT_KMS").replace("http://", "");
const runtime = new RuntimeOptions({});

const kinds: Record<string, (credential: Credential) => Client> = {
  ACS3: (credential) => generic(credential),
  V1: (credential) => generic(credential, "v2"),
  "V1, form body": (credential) => older(credential),
};

function environment(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

function generic(credential: Credential, signatureAlgorithm?: string): Client {
  const client = new OpenApiClient(new Config({
    ...credential, endpoint, regionId: region, protocol: "HTTP", signatureAlgorithm, readTimeout: 20000, connectTimeout: 20000,
  }));
  const newer = () => new $OpenApiUtil.Config({
    ...credential, endpoint, regionId: region, protocol: "HTTP", signatureAlgorithm, readTimeout: 20000, connectTimeout: 20000,
  });
  return {
    vpc: new VpcClient(newer()),
    bss: new BssClient(newer()),
    async call(version, action, query = {}, { method = "POST", form } = {}) {
      const params = new Params({
        action, version, protocol: "HTTP", pathname: "/", method, authType: "AK", style: "RPC",
        reqBodyType: "formData", bodyType: "json",
      });
      const answer = await client.callApi(params, new OpenApiRequest({ query, body: form }), runtime);
      return answer.body;
    },
  };
}

function older(credential: Credential): Client {
  const sdk = new KmsClient(new OlderConfig({
    ...credential, endpoint, regionId: region, protocol: "HTTP", readTimeout: 20000, connectTimeout: 20000,
  }));
  return {
    sdk,
    call: (version, action, query = {}, { method = "POST", form } = {}) =>
      method === "GET"
        ? sdk.doRequest(action, "HTTP", "GET", version, "AK", query, {}, runtime)
        : sdk.doRequest(action, "HTTP", "POST", version, "AK", {}, { ...query, ...form }, runtime),
  };
}

async function ok(client: Client, version: string, action: string, query?: Parameters, how?: How): Promise<Body> {
  const body = await client.call(version, action, query, how);
  assert.notEqual(body.Success, false, `${action}: ${JSON.stringify(body)}`);
  return body;
}

async function refused(code: string, promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    const { code: got, message } = error as { code?: string; message?: string };
    // The older client hangs the word Error on every code.
    assert.equal(got?.replace(/Error$/, ""), code, message);
    return;
  }
  assert.fail(`${code} was expected, but the call was answered`);
}

function purchase(ProductType: string, SubscriptionType: string, ClientToken: string): Parameters {
  return {
    ProductCode: "kms", ProductType, SubscriptionType, ClientToken, Period: "1",
    "Parameter.1.Code": "Region", "Parameter.1.Value": region,
    "Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
    "Parameter.3.Code": "SecretNum", "Parameter.3.Value": "10",
    "Parameter.4.Code": "VpcNum", "Parameter.4.Value": "2",
  };
}

// createNetwork makes a VPC with a vSwitch, and looks at them.
async function createNetwork(client: VpcClient): Promise<Network> {
  const made = await client.createVpc(new vpc.CreateVpcRequest({ regionId: region, cidrBlock: "10.0.0.0/8", vpcName: "clients" }));
  const VpcId = made.body?.vpcId ?? "";
  const part = await client.createVSwitch(new vpc.CreateVSwitchRequest({
    regionId: region, vpcId: VpcId, zoneId: region + "-k", cidrBlock: "10.1.0.0/24",
  }));
  const VSwitchId = part.body?.vSwitchId ?? "";
  await client.tagResources(new vpc.TagResourcesRequest({
    regionId: region, resourceType: "VPC", resourceId: [VpcId], tag: [new vpc.TagResourcesRequestTag({ key: "run", value: "js" })],
  }));
  const vpcs = await client.describeVpcs(new vpc.DescribeVpcsRequest({ regionId: region, vpcId: VpcId }));
  const shown = vpcs.body?.vpcs?.vpc?.[0];
  assert.deepEqual([shown?.vpcName, shown?.tags?.tag?.[0].value, shown?.vSwitchIds?.vSwitchId], ["clients", "js", [VSwitchId]]);
  const list = await client.describeVSwitches(new vpc.DescribeVSwitchesRequest({ vpcId: VpcId, pageSize: 50 }));
  const row = list.body?.vSwitches?.vSwitch?.[0];
  assert.deepEqual([row?.vSwitchId, row?.status, row?.availableIpAddressCount], [VSwitchId, "Available", 252]);
  return { VpcId, VSwitchId };
}

async function deleteNetwork(client: VpcClient, { VpcId, VSwitchId }: Network): Promise<void> {
  const vpcRequest = () => new vpc.DeleteVpcRequest({ regionId: region, vpcId: VpcId });
  await refused("DependencyViolation.VSwitch", client.deleteVpc(vpcRequest()));
  await client.deleteVSwitch(new vpc.DeleteVSwitchRequest({ regionId: region, vSwitchId: VSwitchId }));
  await client.deleteVpc(vpcRequest());
  const gone = await client.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ regionId: region, vpcId: VpcId }));
  assert.equal(gone.body?.vpcId, "");
}

// billed checks what billing says of an instance and of its order.
async function billed(client: BssClient, bought: Body, productType: string, paid: string): Promise<void> {
  const listed = await client.queryAvailableInstances(new bss.QueryAvailableInstancesRequest({ productCode: "kms", productType, pageSize: 100 }));
  const rows = listed.body?.data?.instanceList ?? [];
  assert.deepEqual(rows.map((row) => [row.instanceID, row.status]), [[bought.InstanceId, "Normal"]]);
  const detail = await client.getOrderDetail(new bss.GetOrderDetailRequest({ orderId: bought.OrderId }));
  const order = detail.body?.data?.orderList?.order?.[0];
  assert.deepEqual([order?.instanceIDs, order?.pretaxAmount, order?.orderType], [JSON.stringify([bought.InstanceId]), paid, "New"]);
}

async function subscription(client: Client, run: string, network: Network): Promise<void> {
  const get = async (id: string) => (await ok(client, KMS, "GetKmsInstance", { KmsInstanceId: id })).KmsInstance;
  const order = purchase("kms_ddi_public_cn", "Subscription", "js-" + run);
  const bought = (await ok(client, BSS, "CreateInstance", order)).Data;
  const id = bought.InstanceId;
  if (client.bss) {
    await billed(client.bss, bought, "kms_ddi_public_cn", "741");
  }
  assert.equal((await ok(client, BSS, "CreateInstance", order)).Data.InstanceId, id);
  assert.equal((await get(id)).Status, "Uninitialized");
  await ok(client, KMS, "ConnectKmsInstance", {
    KmsInstanceId: id, VpcId: network.VpcId, ZoneIds: `${region}-k,${region}-j`, VSwitchIds: network.VSwitchId, KMProvider: "Aliyun",
  });
  const BindVpcs = `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"${region}","VpcOwnerId":1234567890123456789}]`;
  await ok(client, KMS, "UpdateKmsInstanceBindVpc", { KmsInstanceId: id, BindVpcs }, { method: "GET" });
  const shown = await get(id);
  assert.equal(shown.Status, "Connected");
  assert.equal(shown.SecretNum, "10");
  assert.equal(shown.KeyNum, 1000);
  assert.deepEqual(shown.VswitchIds, [network.VSwitchId]);
  assert.equal(shown.BindVpcs.BindVpc[0].VpcOwnerId, "1234567890123456789");

  const InstanceName = "a name with 中文 & ~*+/'()!";
  await ok(client, KMS, "UpdateKmsInstance", { KmsInstanceId: id, InstanceName });
  assert.equal((await get(id)).InstanceName, InstanceName);
  const listed = await ok(client, KMS, "ListKmsInstances", { PageSize: "100" });
  assert.ok(listed.KmsInstances.KmsInstance.some((row: Body) => row.KmsInstanceId === id));
  const quotas = await ok(client, KMS, "GetKmsInstanceQuotaInfos", { KmsInstanceId: id, ResourceType: "vpc" });
  assert.equal(quotas.KmsInstanceQuotaInfos[0].ResourceQuota, 2);

  const scope = { RegionId: region, ResourceType: "instance", "ResourceId.1": id };
  await ok(client, KMS, "TagResources", { ...scope, "Tag.1.Key": "key:@/中", "Tag.1.Value": "v+/中=", "Tag.2.Key": "other", "Tag.2.Value": "x" });
  await ok(client, KMS, "UntagResources", { ...scope, "TagKey.1": "other" });
  const tags = (await ok(client, KMS, "ListTagResources", scope)).TagResources.TagResource;
  assert.deepEqual(tags.map((t: Body) => [t.TagKey, t.TagValue]), [["key:@/中", "v+/中="]]);

  await ok(client, KMS, "SetDeletionProtection", {}, { form: { KmsInstanceId: id, EnableDeletionProtection: "true" } });
  assert.equal((await get(id)).DeletionProtection, true);
  await ok(client, KMS, "SetDeletionProtection", { KmsInstanceId: id, EnableDeletionProtection: "false" });

  const product = { ProductCode: "kms", ProductType: "kms_ddi_public_cn", SubscriptionType: "Subscription" };
  await ok(client, BSS, "ModifyInstance", {
    ...product, ModifyType: "Upgrade", InstanceId: id, "Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
  });
  assert.equal((await get(id)).KeyNum, 2000);
  await ok(client, BSS, "SetRenewal", { ...product, InstanceIDs: id, RenewalStatus: "AutoRenewal", RenewalPeriod: "1", RenewalPeriodUnit: "Y" });
  const row = (await ok(client, BSS, "QueryAvailableInstances", { InstanceIDs: id, ProductCode: "kms" })).Data.InstanceList[0];
  assert.deepEqual([row.RenewStatus, row.RenewalDuration, row.RenewalDurationUnit], ["AutoRenewal", 1, "Y"]);
  const renewal = await ok(client, BSS, "RenewInstance", { InstanceId: id, ProductCode: "kms", RenewPeriod: "1", ClientToken: "renew-js-" + run });
  assert.match(String(renewal.Data.OrderId), /^\d+$/);
  const refund = await ok(client, BSS, "RefundInstance", { InstanceId: id, ProductCode: "kms", ProductType: "kms_ddi_public_cn" });
  assert.equal(typeof refund.Data.OrderId, "number");
  assert.equal((await get(id)).InstanceId, "");
}

async function payAsYouGo(client: Client, run: string): Promise<void> {
  const order = purchase("kms_ppi_public_cn", "PayAsYouGo", "js-by-use-" + run);
  const bought = (await ok(client, BSS, "CreateInstance", order)).Data;
  const id = bought.InstanceId;
  if (client.bss) {
    await billed(client.bss, bought, "kms_ppi_public_cn", "0");
  }
  await ok(client, KMS, "ReleaseKmsInstance", { KmsInstanceId: id, ForceDeleteWithoutBackup: "true" });
  assert.equal((await ok(client, KMS, "DescribeRegions")).Regions.Region[0].RegionId, region);
  assert.equal((await ok(client, KMS, "DescribeAccountKmsStatus")).AccountStatus, "Enabled");
  if (client.sdk) {
    const typed = await client.sdk.describeRegions(new DescribeRegionsRequest({}));
    assert.equal(typed.regions.region[0].regionId, region);
  }
}

async function refusals(client: Client): Promise<void> {
  await refused("Forbidden.DKMSInstanceNotFound", client.call(KMS, "ReleaseKmsInstance", { KmsInstanceId: "kst-unknown" }));
  await refused("MissingKmsInstanceId", client.call(KMS, "GetKmsInstance"));
  await refused("InvalidApi.NotFound", client.call(KMS, "CreateKmsInstance"));
}

async function main(): Promise<void> {
  const base = {
    type: "access_key",
    accessKeyId: environment("ALIBABA_CLOUD_ACCESS_KEY_ID"),
    accessKeySecret: environment("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
  };
  for (const [name, connect] of Object.entries(kinds)) {
    let client = connect(base);
    const { AccountId } = await ok(client, STS, "GetCallerIdentity");
    const role = { RoleArn: `acs:ram::${AccountId}:role/ci`, RoleSessionName: "ci" };
    const session = (await ok(client, STS, "AssumeRole", role)).Credentials;
    client = connect({
      type: "sts", accessKeyId: session.AccessKeyId, accessKeySecret: session.AccessKeySecret, securityToken: session.SecurityToken,
    });
    const network = client.vpc ? await createNetwork(client.vpc) : { VpcId: "vpc-1", VSwitchId: "vsw-1" };
    await subscription(client, name, network);
    await payAsYouGo(client, name);
    if (client.vpc) {
      await deleteNetwork(client.vpc, network);
    }
    await refusals(client);
    await refused("SignatureDoesNotMatch", connect({ ...base, accessKeySecret: "wrong" }).call(KMS, "DescribeRegions"));
    await refused("InvalidAccessKeyId.NotFound", connect({ ...base, accessKeyId: "nobody" }).call(KMS, "DescribeRegions"));
    console.log("typescript:", name, "ok");
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

// The life of an instance against the emulator, with Alibaba Cloud's own clients for TypeScript and JavaScript: the
// generic client with both signatures, and the KMS SDK. The KMS SDK that is published there knows no instances, but it
// is a client of the older generation, whose generic part sends calls as Terraform does. run.sh runs this with the
// emulator's variables.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// The packages are where npm put them, not beside this file.
const load = createRequire(process.cwd() + "/");
const openapi = load("@alicloud/openapi-client");
const kms = load("@alicloud/kms20160120");
const { RuntimeOptions } = load("@alicloud/tea-util");
const rpc = load("@alicloud/rpc-client");

const KMS = "2016-01-20";
const BSS = "2017-12-14";
const STS = "2015-04-01";
const region = process.env.ALIBABA_CLOUD_REGION;
const endpoint = process.env.ALIBABA_CLOUD_ENDPOINT_KMS.replace("http://", "");
const runtime = new RuntimeOptions({});

// Each kind of client is a function (credential) => call(version, action, query, {method, form}).
const kinds = {
  ACS3: (credential) => generic(credential, undefined),
  V1: (credential) => generic(credential, "v2"),
  "V1, form body": (credential) => older(credential),
};

function generic(credential, signatureAlgorithm) {
  const client = new openapi.default(new openapi.Config({
    ...credential, endpoint, regionId: region, protocol: "HTTP", signatureAlgorithm, readTimeout: 20000, connectTimeout: 20000,
  }));
  return async (version, action, query = {}, { method = "POST", form } = {}) => {
    const params = new openapi.Params({
      action, version, protocol: "HTTP", pathname: "/", method, authType: "AK", style: "RPC",
      reqBodyType: "formData", bodyType: "json",
    });
    const answer = await client.callApi(params, new openapi.OpenApiRequest({ query, body: form }), runtime);
    return answer.body;
  };
}

function older(credential) {
  const client = new kms.default(new rpc.Config({
    ...credential, endpoint, regionId: region, protocol: "HTTP", readTimeout: 20000, connectTimeout: 20000,
  }));
  const call = async (version, action, query = {}, { method = "POST", form } = {}) =>
    method === "GET"
      ? client.doRequest(action, "HTTP", "GET", version, "AK", query, null, runtime)
      : client.doRequest(action, "HTTP", "POST", version, "AK", null, { ...query, ...form }, runtime);
  call.sdk = client;
  return call;
}

async function ok(call, ...args) {
  const body = await call(...args);
  assert.notEqual(body.Success, false, `${args[1]}: ${JSON.stringify(body)}`);
  return body;
}

async function refused(code, promise) {
  try {
    await promise;
  } catch (error) {
    // The older client hangs the word Error on every code.
    assert.equal(error.code?.replace(/Error$/, ""), code, error.message);
    return;
  }
  assert.fail(`${code} was expected, but the call was answered`);
}

function purchase(ProductType, SubscriptionType, ClientToken) {
  return {
    ProductCode: "kms", ProductType, SubscriptionType, ClientToken, Period: "1",
    "Parameter.1.Code": "Region", "Parameter.1.Value": region,
    "Parameter.2.Code": "ProductVersion", "Parameter.2.Value": "3",
    "Parameter.3.Code": "SecretNum", "Parameter.3.Value": "10",
    "Parameter.4.Code": "VpcNum", "Parameter.4.Value": "2",
  };
}

async function subscription(call, run) {
  const get = async (id) => (await ok(call, KMS, "GetKmsInstance", { KmsInstanceId: id })).KmsInstance;
  const order = purchase("kms_ddi_public_cn", "Subscription", "js-" + run);
  const id = (await ok(call, BSS, "CreateInstance", order)).Data.InstanceId;
  assert.equal((await ok(call, BSS, "CreateInstance", order)).Data.InstanceId, id);
  assert.equal((await get(id)).Status, "Uninitialized");
  await ok(call, KMS, "ConnectKmsInstance", {
    KmsInstanceId: id, VpcId: "vpc-1", ZoneIds: `${region}-k,${region}-j`, VSwitchIds: "vsw-1", KMProvider: "Aliyun",
  });
  const BindVpcs = `[{"VpcId":"vpc-2","VSwitchId":"vsw-2","RegionId":"${region}","VpcOwnerId":1234567890123456789}]`;
  await ok(call, KMS, "UpdateKmsInstanceBindVpc", { KmsInstanceId: id, BindVpcs }, { method: "GET" });
  const shown = await get(id);
  assert.equal(shown.Status, "Connected");
  assert.equal(shown.SecretNum, "10");
  assert.equal(shown.KeyNum, 1000);
  assert.deepEqual(shown.VswitchIds, ["vsw-1"]);
  assert.equal(shown.BindVpcs.BindVpc[0].VpcOwnerId, "1234567890123456789");

  const InstanceName = "a name with 中文 & ~*+/'()!";
  await ok(call, KMS, "UpdateKmsInstance", { KmsInstanceId: id, InstanceName });
  assert.equal((await get(id)).InstanceName, InstanceName);
  const listed = await ok(call, KMS, "ListKmsInstances", { PageSize: "100" });
  assert.ok(listed.KmsInstances.KmsInstance.some((row) => row.KmsInstanceId === id));
  const quotas = await ok(call, KMS, "GetKmsInstanceQuotaInfos", { KmsInstanceId: id, ResourceType: "vpc" });
  assert.equal(quotas.KmsInstanceQuotaInfos[0].ResourceQuota, 2);

  const scope = { RegionId: region, ResourceType: "instance", "ResourceId.1": id };
  await ok(call, KMS, "TagResources", { ...scope, "Tag.1.Key": "key:@/中", "Tag.1.Value": "v+/中=", "Tag.2.Key": "other", "Tag.2.Value": "x" });
  await ok(call, KMS, "UntagResources", { ...scope, "TagKey.1": "other" });
  const tags = (await ok(call, KMS, "ListTagResources", scope)).TagResources.TagResource;
  assert.deepEqual(tags.map((t) => [t.TagKey, t.TagValue]), [["key:@/中", "v+/中="]]);

  await ok(call, KMS, "SetDeletionProtection", {}, { form: { KmsInstanceId: id, EnableDeletionProtection: "true" } });
  assert.equal((await get(id)).DeletionProtection, true);
  await ok(call, KMS, "SetDeletionProtection", { KmsInstanceId: id, EnableDeletionProtection: "false" });

  const product = { ProductCode: "kms", ProductType: "kms_ddi_public_cn", SubscriptionType: "Subscription" };
  await ok(call, BSS, "ModifyInstance", {
    ...product, ModifyType: "Upgrade", InstanceId: id, "Parameter.1.Code": "KeyNum", "Parameter.1.Value": "2000",
  });
  assert.equal((await get(id)).KeyNum, 2000);
  await ok(call, BSS, "SetRenewal", { ...product, InstanceIDs: id, RenewalStatus: "AutoRenewal", RenewalPeriod: "1", RenewalPeriodUnit: "Y" });
  const row = (await ok(call, BSS, "QueryAvailableInstances", { InstanceIDs: id, ProductCode: "kms" })).Data.InstanceList[0];
  assert.deepEqual([row.RenewStatus, row.RenewalDuration, row.RenewalDurationUnit], ["AutoRenewal", 1, "Y"]);
  const refund = await ok(call, BSS, "RefundInstance", { InstanceId: id, ProductCode: "kms", ProductType: "kms_ddi_public_cn" });
  assert.equal(typeof refund.Data.OrderId, "number");
  assert.equal((await get(id)).InstanceId, "");
}

async function payAsYouGo(call, run) {
  const order = purchase("kms_ppi_public_cn", "PayAsYouGo", "js-by-use-" + run);
  const id = (await ok(call, BSS, "CreateInstance", order)).Data.InstanceId;
  await ok(call, KMS, "ReleaseKmsInstance", { KmsInstanceId: id, ForceDeleteWithoutBackup: "true" });
  assert.equal((await ok(call, KMS, "DescribeRegions")).Regions.Region[0].RegionId, region);
  assert.equal((await ok(call, KMS, "DescribeAccountKmsStatus")).AccountStatus, "Enabled");
  if (call.sdk) {
    const typed = await call.sdk.describeRegions(new kms.DescribeRegionsRequest({}));
    assert.equal(typed.regions.region[0].regionId, region);
  }
}

async function refusals(call) {
  await refused("Forbidden.DKMSInstanceNotFound", call(KMS, "ReleaseKmsInstance", { KmsInstanceId: "kst-unknown" }));
  await refused("MissingKmsInstanceId", call(KMS, "GetKmsInstance"));
  await refused("InvalidApi.NotFound", call(KMS, "CreateKmsInstance"));
}

const base = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
};
for (const [name, connect] of Object.entries(kinds)) {
  let call = connect({ ...base, type: "access_key" });
  const { AccountId } = await ok(call, STS, "GetCallerIdentity");
  const role = { RoleArn: `acs:ram::${AccountId}:role/ci`, RoleSessionName: "ci" };
  const session = (await ok(call, STS, "AssumeRole", role)).Credentials;
  call = connect({
    type: "sts", accessKeyId: session.AccessKeyId, accessKeySecret: session.AccessKeySecret, securityToken: session.SecurityToken,
  });
  await subscription(call, name);
  await payAsYouGo(call, name);
  await refusals(call);
  await refused("SignatureDoesNotMatch", connect({ ...base, type: "access_key", accessKeySecret: "wrong" })(KMS, "DescribeRegions"));
  await refused("InvalidAccessKeyId.NotFound", connect({ ...base, type: "access_key", accessKeyId: "nobody" })(KMS, "DescribeRegions"));
  console.log("javascript:", name, "ok");
}

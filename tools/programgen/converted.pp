config "team" "string" {
  default = "payments"
}

resource "account" "pulumi:providers:alicloud-kms" {
  region      = "cn-hangzhou"
  accountType = "International"
  assumeRole = {
    roleArn           = "acs:ram::1234567890123456:role/keys"
    sessionExpiration = 1800
  }
  endpoints = {
    kms = "kms.cn-hangzhou.aliyuncs.com"
  }
}

caller    = invoke("alicloud-kms:index:getCallerIdentity", {})
shared    = invoke("alicloud-kms:index:getKmsInstance", { id = "kst-shared" })
connected = invoke("alicloud-kms:index:getKmsInstances", { ids = ["kst-1"], status = "Connected" })

resource "keys" "alicloud-kms:index:KmsInstance" {
  vpcId              = "vpc-main"
  vswitchIds         = ["vsw-main"]
  zoneIds            = ["cn-hangzhou-k", "cn-hangzhou-j"]
  paymentType        = "PayAsYouGo"
  productVersion     = "3"
  deletionProtection = true
  bindVpcs = [
    { vpcId = "vpc-orders", vswitchId = "vsw-orders", vpcOwnerId = caller.accountId },
    { vpcId = "vpc-reports", vswitchId = "vsw-reports", regionId = "cn-hangzhou" }
  ]
  tags = { team = team, shared = shared.instanceId }

  options {
    provider = account
    protect  = true
  }
}

output "endpoint" {
  value = keys.endpoint
}

output "ids" {
  value = connected.ids
}

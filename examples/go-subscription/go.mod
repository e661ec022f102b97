module kms-subscription

go 1.26.6

require (
	github.com/pulumi/pulumi-alicloud/sdk/v3 v3.108.0
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
	github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms v0.2.0
)

replace github.com/pulumiverse/pulumi-alicloud-kms/sdk/go/alicloudkms => ../../sdk/go/alicloudkms

// Buys, connects, changes, renews, imports and releases KMS instances of Alibaba Cloud.
package alicloudkms

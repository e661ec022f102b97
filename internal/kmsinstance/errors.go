package kmsinstance

import (
	"errors"
	"strconv"

	"github.com/pulumiverse/pulumi-alicloud-kms/internal/cloud"
	"github.com/pulumiverse/pulumi-alicloud-kms/internal/guard"
)

// caught, deferred, turns a panic into an error: an operation that has paid goes on or records what it knows.
func caught(err *error) {
	if cause := recover(); cause != nil {
		*err = guard.Bug(cause)
	}
}

func asCloudError(err error) (*cloud.Error, bool) {
	var e *cloud.Error
	ok := errors.As(err, &e)
	return e, ok
}

// mayHaveTakenEffect tells a call that got no usable answer from one that was refused.
func mayHaveTakenEffect(err error) bool {
	e, ok := asCloudError(err)
	return ok && e.MayHaveTakenEffect()
}

// withSizes returns the instance with some of its sizes set.
func withSizes(i cloud.Instance, codes map[string]string) cloud.Instance {
	number := func(field **int, code string) {
		if n, err := strconv.Atoi(codes[code]); err == nil {
			*field = &n
		}
	}
	number(&i.Spec, "Spec")
	number(&i.KeyNum, "KeyNum")
	number(&i.SecretNum, "SecretNum")
	number(&i.VpcNum, "VpcNum")
	number(&i.LogStorage, "LogStorage")
	if log, ok := codes["Log"]; ok {
		i.Log = &log
	}
	if version, ok := codes["ProductVersion"]; ok {
		i.ProductVersion = version
	}
	return i
}

// Package input checks property maps: the inputs of a resource, the arguments of a function, the provider's configuration. There is
// one table of fields for each ([Field]), and one set of rules:
//
//   - every complaint is reported, also several at one place, each on its property path;
//   - unknown values are passed over, at every level;
//   - a null at the top is a property that is left out; a null inside a list, a map or an object is a mistake (infer crashes on it);
//   - no message shows a secret, a control character or a terminal code, and none shows more than 200 characters of a value;
//   - the time grows with the size of the map.
//
// [Clean] comes before: it drops what SDKs add for themselves, and puts ids in the place of resources.
package input

import admissionV1 from "./facts/admission-v1.js";
import admissionregistrationV1 from "./facts/admissionregistration-v1.js";
import admissionregistrationV1Beta1 from "./facts/admissionregistration-v1beta1.js";
import apiextensionsV1 from "./facts/apiextensions-v1.js";
import apiregistrationV1 from "./facts/apiregistration-v1.js";
import appsV1 from "./facts/apps-v1.js";
import authenticationV1 from "./facts/authentication-v1.js";
import authorizationV1 from "./facts/authorization-v1.js";
import autoscalingV1 from "./facts/autoscaling-v1.js";
import autoscalingV2 from "./facts/autoscaling-v2.js";
import batchV1 from "./facts/batch-v1.js";
import certificatesV1 from "./facts/certificates-v1.js";
import coordinationV1 from "./facts/coordination-v1.js";
import coreV1 from "./facts/core-v1.js";
import coreV1Pods from "./facts/core-v1-pods.js";
import coreV1Volumes from "./facts/core-v1-volumes.js";
import discoveryV1 from "./facts/discovery-v1.js";
import eventsV1 from "./facts/events-v1.js";
import flowcontrolV1 from "./facts/flowcontrol-v1.js";
import metaV1 from "./facts/meta-v1.js";
import networkingV1 from "./facts/networking-v1.js";
import nodeV1 from "./facts/node-v1.js";
import policyV1 from "./facts/policy-v1.js";
import rbacV1 from "./facts/rbac-v1.js";
import resourceV1 from "./facts/resource-v1.js";
import schedulingV1 from "./facts/scheduling-v1.js";
import storageV1 from "./facts/storage-v1.js";

/**
 * The published types of Kubernetes 1.35 as text, one package of types per entry.
 *
 * A type starts with `@Name`, followed by `m=atomic` where it is one unit for apply. Its fields follow,
 * one a line, separated by spaces:
 *
 * - the JSON name, or `^` for a type whose fields are inlined in JSON and nested in protobuf; a line `%`
 *   stands for `apiVersion` and `kind`;
 * - the protobuf field number, `-` where there is none;
 * - the type: `s` string, `b` bool, `i` int32, `l` int64, `n` int, `f` float64, `y` bytes, `T` time, `M` time
 *   with microseconds, `Q` quantity, `I` int-or-string, `R` any object, `F` managed fields, `J`
 *   any JSON, `B`/`A`/`X` a JSON schema or a bool/a list/a list of strings, `W` a list of strings that is a
 *   message of its own in protobuf, `=Name` another type (with its package where that differs); `[]` before
 *   it is a list, `{}` a map by strings (with the name of the key's type between the braces). After a slash
 *   comes the name of the type in Go, which decoding errors print;
 * - flags: `p` pointer (tells absent from zero), `o` left out of JSON when empty, `z` left out when zero, `r`
 *   required, `-` none;
 * - `t=` list type and keys, `m=` map type, `k=` patch strategy and merge key, `e=` enumeration (`~` for spaces), `d=` default,
 *   `d0` for a default that is the type's zero value.
 */
export const FACTS: ReadonlyMap<string, { readonly ref: string; readonly text: string }> = new Map([
  ["admission.v1", { ref: "io.k8s.api.admission.v1", text: admissionV1 }],
  ["admissionregistration.v1", { ref: "io.k8s.api.admissionregistration.v1", text: admissionregistrationV1 }],
  [
    "admissionregistration.v1beta1",
    { ref: "io.k8s.api.admissionregistration.v1beta1", text: admissionregistrationV1Beta1 },
  ],
  [
    "apiextensions.v1",
    { ref: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1", text: apiextensionsV1 },
  ],
  [
    "apiregistration.v1",
    { ref: "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1", text: apiregistrationV1 },
  ],
  ["apps.v1", { ref: "io.k8s.api.apps.v1", text: appsV1 }],
  ["authentication.v1", { ref: "io.k8s.api.authentication.v1", text: authenticationV1 }],
  ["authorization.v1", { ref: "io.k8s.api.authorization.v1", text: authorizationV1 }],
  ["autoscaling.v1", { ref: "io.k8s.api.autoscaling.v1", text: autoscalingV1 }],
  ["autoscaling.v2", { ref: "io.k8s.api.autoscaling.v2", text: autoscalingV2 }],
  ["batch.v1", { ref: "io.k8s.api.batch.v1", text: batchV1 }],
  ["certificates.v1", { ref: "io.k8s.api.certificates.v1", text: certificatesV1 }],
  ["coordination.v1", { ref: "io.k8s.api.coordination.v1", text: coordinationV1 }],
  ["core.v1", { ref: "io.k8s.api.core.v1", text: coreV1 + coreV1Pods + coreV1Volumes }],
  ["discovery.v1", { ref: "io.k8s.api.discovery.v1", text: discoveryV1 }],
  ["events.v1", { ref: "io.k8s.api.events.v1", text: eventsV1 }],
  ["flowcontrol.v1", { ref: "io.k8s.api.flowcontrol.v1", text: flowcontrolV1 }],
  ["meta.v1", { ref: "io.k8s.apimachinery.pkg.apis.meta.v1", text: metaV1 }],
  ["networking.v1", { ref: "io.k8s.api.networking.v1", text: networkingV1 }],
  ["node.v1", { ref: "io.k8s.api.node.v1", text: nodeV1 }],
  ["policy.v1", { ref: "io.k8s.api.policy.v1", text: policyV1 }],
  ["rbac.v1", { ref: "io.k8s.api.rbac.v1", text: rbacV1 }],
  ["resource.v1", { ref: "io.k8s.api.resource.v1", text: resourceV1 }],
  ["scheduling.v1", { ref: "io.k8s.api.scheduling.v1", text: schedulingV1 }],
  ["storage.v1", { ref: "io.k8s.api.storage.v1", text: storageV1 }],
]);

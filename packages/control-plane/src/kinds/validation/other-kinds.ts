import {
  compareQuantity,
  deepEqual,
  isDns1123Label,
  isQualifiedName,
  type KubeObject,
  parseQuantity,
} from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import { isCidr, NOT_CIDR } from "./addresses.js";
import { goValue } from "./go-value.js";
import { validateLabels } from "./object-meta.js";
import { NOT_NEGATIVE, type Problems } from "./problems.js";
import { validateTolerations } from "./scheduling.js";

function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

export function validatePriorityClass(problems: Problems, object: KubeObject): void {
  const { name } = object.metadata;
  const value = numberAt(object as Members, "value") ?? 0;
  const isSystem = SYSTEM_CLASSES.get(name) === value;
  if (!isSystem && name.startsWith("system-")) {
    problems.forbidden(
      "metadata.name",
      `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
    );
  }
  if (!isSystem && value > 1_000_000_000) {
    problems.forbidden("value", "maximum allowed value of a user defined priority is 1000000000");
  }
  const policy = object["preemptionPolicy"];
  if (policy !== undefined) problems.oneOf("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"]);
}

const SYSTEM_CLASSES = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);

export function validatePriorityClassUpdate(
  problems: Problems,
  next: KubeObject,
  previous: KubeObject,
): void {
  if (next["value"] !== previous["value"]) problems.forbidden("value", "may not be changed in an update.");
  const policy = next["preemptionPolicy"];
  problems.unchanged("preemptionPolicy", policy, policy === previous["preemptionPolicy"]);
}

export function validateRuntimeClass(problems: Problems, object: KubeObject): void {
  problems.names("handler", textAt(object as Members, "handler"), isDns1123Label);
  const fixed = membersAt(membersAt(object as Members, "overhead"), "podFixed") ?? {};
  for (const [name, amount] of Object.entries(fixed)) {
    if (compareQuantity(parseQuantity(String(amount)), parseQuantity("0")) < 0) {
      problems.invalid(`overhead.limits[${name}]`, amount, NOT_NEGATIVE);
    }
  }
  const scheduling = membersAt(object as Members, "scheduling");
  validateLabels(problems, "scheduling.nodeSelector", membersAt(scheduling, "nodeSelector"));
  validateTolerations(problems, "scheduling.tolerations", listAt(scheduling, "tolerations"));
}

export function validateRuntimeClassUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  problems.unchanged("handler", next["handler"], next["handler"] === previous["handler"]);
}

export function validateLease(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const duration = numberAt(spec, "leaseDurationSeconds");
  if (duration !== undefined && duration <= 0) {
    problems.invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
  }
  problems.notNegative("spec.leaseTransitions", spec["leaseTransitions"]);
}

export function validateNode(problems: Problems, object: KubeObject): void {
  const seen = new Set<string>();
  listAt(specOf(object), "taints").forEach((taint, index) => {
    const at = `metadata.taints[${index}]`;
    const effect = textAt(taint, "effect");
    problems.names(`${at}.key`, textAt(taint, "key"), isQualifiedName);
    problems.requiredOneOf(`${at}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
    const key = `${textAt(taint, "key")}:${effect}`;
    if (seen.has(key)) {
      const value = goValue("core.v1.Taint", taint);
      problems.list.push({
        type: "Duplicate value",
        field: at,
        value,
        detail: "taints must be unique by key and effect pair",
      });
    }
    seen.add(key);
  });
  validateCidrs(problems, "spec.podCIDRs", textsAt(specOf(object), "podCIDRs"));
}

function validateCidrs(problems: Problems, field: string, cidrs: readonly string[]): void {
  cidrs.forEach((cidr, index) => {
    if (!isCidr(cidr)) problems.invalid(`${field}[${index}]`, cidr, NOT_CIDR);
  });
}

export function validateServiceCidr(problems: Problems, object: KubeObject): void {
  validateCidrs(problems, "spec.cidrs", textsAt(specOf(object), "cidrs"));
}

export function validateNamespace(problems: Problems, object: KubeObject): void {
  for (const name of textsAt(specOf(object), "finalizers")) {
    problems.names("spec.finalizers", name, isQualifiedName);
    if (name !== "kubernetes" && !name.includes("/")) {
      const detail = "name is neither a standard finalizer name nor is it fully qualified";
      problems.invalid("spec.finalizers", name, detail);
    }
  }
}

export function validateNodeUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const before = textAt(specOf(previous), "providerID");
  if (before !== "" && textAt(specOf(next), "providerID") !== before) {
    problems.forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid');
  }
}

const USAGES = new Set([
  "signing",
  "digital signature",
  "content commitment",
  "key encipherment",
  "key agreement",
  "data encipherment",
  "cert sign",
  "crl sign",
  "encipher only",
  "decipher only",
  "any",
  "server auth",
  "client auth",
  "code signing",
  "email protection",
  "s/mime",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "timestamping",
  "ocsp signing",
  "microsoft sgc",
  "netscape sgc",
]);

export function validateCertificateRequest(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const request = Buffer.from(textAt(spec, "request"), "base64").toString("latin1");
  if (!/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/.test(request)) {
    const shown = textAt(spec, "request") === "" ? null : textAt(spec, "request");
    problems.invalid("spec.request", shown, "PEM block type must be CERTIFICATE REQUEST");
  }
  const usages = textsAt(spec, "usages");
  if (usages.length === 0) problems.required("spec.usages");
  usages.forEach((usage, index) => {
    if (!USAGES.has(usage)) problems.unsupported(`spec.usages[${index}]`, usage, [...USAGES].sort());
  });
  const signer = textAt(spec, "signerName");
  if (signer === "") problems.required("spec.signerName");
  else if (!signer.includes("/")) {
    problems.invalid(
      "spec.signerName",
      signer,
      "must be a fully qualified domain and path of the form 'example.com/signer-name'",
    );
  }
  const seconds = numberAt(spec, "expirationSeconds");
  if (seconds !== undefined && seconds < 600) {
    problems.invalid(
      "spec.expirationSeconds",
      seconds,
      "may not specify a duration less than 600 seconds (10 minutes)",
    );
  }
}

/** A spec that never changes after creation. */
export function validateSpecUnchanged(problems: Problems, next: KubeObject, previous: KubeObject): void {
  problems.unchanged("spec", next["spec"], deepEqual(next["spec"], previous["spec"]));
}

export function validateAccessReview(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const resource = membersAt(spec, "resourceAttributes");
  const path = membersAt(spec, "nonResourceAttributes");
  const { name } = object.metadata;
  if (name !== undefined && name !== "") problems.invalid("metadata", { name }, "must be empty");
  if (resource !== undefined && path !== undefined) {
    problems.invalid(
      "spec.nonResourceAttributes",
      path,
      "cannot be specified in combination with resourceAttributes",
    );
  } else if (resource === undefined && path === undefined) {
    problems.invalid(
      "spec.resourceAttributes",
      null,
      "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    );
  }
  if (object.kind === "SelfSubjectAccessReview") return;
  if (textAt(spec, "user") === "" && textsAt(spec, "groups").length === 0) {
    problems.invalid("spec.user", "", "at least one of user or group must be specified");
  }
}

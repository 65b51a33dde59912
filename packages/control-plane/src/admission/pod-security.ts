import type { KubeObject } from "@capstan/kube";
import { deepEqual } from "@capstan/kube";
import { forbidden, invalid } from "../handler/errors.js";
import type { FieldError } from "../registry/kind.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, membersOf } from "./members.js";
import { specOf } from "./pod-request.js";
import {
  BASELINE,
  checkedPod,
  OVERRIDDEN,
  RESTRICTED,
  type SecurityLevel,
  type Violation,
} from "./pod-security-checks.js";

const PREFIX = "pod-security.kubernetes.io/";
const LEVELS: readonly SecurityLevel[] = ["privileged", "baseline", "restricted"];
const LATEST = Number.MAX_SAFE_INTEGER;

/** A level at a version of the policy. */
export interface SecurityPolicy {
  readonly level: SecurityLevel;
  /** Minor version; very large for the latest. */
  readonly minor: number;
}

/** How a pod breaks a policy, in the order in which the Kubernetes API reports it. */
export function podViolations(policy: SecurityPolicy, metadata: unknown, spec: Members): Violation[] {
  const { level, minor } = policy;
  if (level === "privileged") return [];
  const pod = checkedPod(metadata, spec, minor);
  const overridden = (id: string): boolean =>
    level === "restricted" && minor >= (OVERRIDDEN.get(id) ?? LATEST + 1);
  const checks = [
    ...BASELINE.filter(({ id }) => !overridden(id)),
    ...(level === "restricted" ? RESTRICTED : []),
  ];
  return checks.flatMap(({ since, check }) => {
    const violation = minor >= since ? check(pod) : undefined;
    return violation ? [violation] : [];
  });
}

interface Policies {
  readonly enforce: SecurityPolicy;
  readonly warn: SecurityPolicy;
}

/** What the labels of a namespace demand; what cannot be read is enforced strictly and warned of not at all. */
function policiesOf(labels: Readonly<Record<string, string>>): Policies {
  const enforce = readPolicy(labels, "enforce", "restricted");
  const warn = readPolicy(labels, "warn", "privileged");
  const asked = labels[`${PREFIX}warn`] !== undefined;
  const stricter = LEVELS.indexOf(enforce.level) > LEVELS.indexOf(warn.level);
  return { enforce, warn: !asked && stricter ? enforce : warn };
}

function readPolicy(
  labels: Readonly<Record<string, string>>,
  mode: string,
  otherwise: SecurityLevel,
): SecurityPolicy {
  const level = labels[`${PREFIX}${mode}`];
  const version = labels[`${PREFIX}${mode}-version`];
  const known = LEVELS.find((name) => name === (level ?? "privileged"));
  return { level: known ?? otherwise, minor: minorOf(version) ?? LATEST };
}

function minorOf(version: string | undefined): number | undefined {
  if (version === undefined || version === "latest") return LATEST;
  const parts = /^v1\.(0|[1-9]\d{0,3})$/.exec(version);
  return parts ? Number(parts[1]) : undefined;
}

const IGNORED_PARTS = new Set([
  "exec",
  "attach",
  "binding",
  "eviction",
  "log",
  "portforward",
  "proxy",
  "status",
]);
const TEMPLATE_RESOURCES = new Set([
  "apps/deployments",
  "apps/replicasets",
  "apps/statefulsets",
  "apps/daemonsets",
  "batch/jobs",
  "batch/cronjobs",
  "/replicationcontrollers",
  "/podtemplates",
]);

/** Enforces the pod security standards that the labels of a namespace ask for. */
export class PodSecurityAdmission implements Admission {
  readonly #state: AdmissionState;

  constructor(state: AdmissionState) {
    this.#state = state;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void {
    const { kind, object, operation, subresource } = request;
    if (!object || (operation !== "CREATE" && operation !== "UPDATE")) return;
    if (kind.group === "" && kind.resource === "namespaces") this.#checkNamespace(request, object);
    else if (kind.group === "" && kind.resource === "pods") this.#checkPod(request, object);
    else if (subresource === undefined && TEMPLATE_RESOURCES.has(`${kind.group}/${kind.resource}`)) {
      this.#checkTemplate(request, object);
    }
  }

  #policies({ namespace }: AdmissionRequest): Policies {
    const found =
      namespace === undefined ? undefined : this.#state.get("", "namespaces", undefined, namespace);
    return policiesOf(found?.metadata.labels ?? {});
  }

  #checkPod(request: AdmissionRequest, pod: KubeObject): void {
    const { subresource, oldObject, kind, name } = request;
    if (subresource !== undefined && IGNORED_PARTS.has(subresource)) return;
    if (oldObject && subresource === undefined && !isSignificant(pod, oldObject)) return;
    const { enforce, warn } = this.#policies(request);
    const broken = podViolations(enforce, pod.metadata, specOf(pod));
    if (broken.length > 0) {
      throw forbidden(kind, name, `violates PodSecurity ${describe(enforce)}: ${format(broken)}`);
    }
    warnOf(request, warn, podViolations(warn, pod.metadata, specOf(pod)));
  }

  #checkTemplate(request: AdmissionRequest, object: KubeObject): void {
    const { warn } = this.#policies(request);
    if (warn.level === "privileged") return;
    const { metadata, spec } = templateOf(object);
    warnOf(request, warn, podViolations(warn, metadata, membersOf(spec)));
  }

  #checkNamespace({ kind, object, oldObject, name, warn }: AdmissionRequest, namespace: KubeObject): void {
    const labels = namespace.metadata.labels ?? {};
    const former = oldObject?.metadata.labels ?? {};
    const errors = labelErrors(labels, oldObject ? former : undefined);
    if (errors.length > 0 && object) throw invalid({ group: kind.group, kind: kind.kind }, name, errors);
    if (!oldObject) return;
    const { enforce } = policiesOf(labels);
    const before = policiesOf(former).enforce;
    const tighter =
      LEVELS.indexOf(enforce.level) > LEVELS.indexOf(before.level) ||
      (enforce.level === before.level && enforce.minor !== before.minor);
    if (!tighter || enforce.level === "privileged") return;
    for (const text of existingWarnings(this.#state.list("", "pods", name), enforce, name)) warn(text);
  }
}

/** Only changes of images and of the number of containers can make a running pod break a policy. */
function isSignificant(pod: KubeObject, old: KubeObject): boolean {
  const images = (object: KubeObject): unknown =>
    ["initContainers", "containers", "ephemeralContainers"].map((field) =>
      listOf(specOf(object)[field]).map((container) => container["image"]),
    );
  return !deepEqual(images(pod), images(old));
}

function templateOf(object: KubeObject): Members {
  const spec = specOf(object);
  if (object.kind === "PodTemplate") return membersOf(object["template"]);
  if (object.kind !== "CronJob") return membersOf(spec["template"]);
  return membersOf(membersOf(membersOf(spec["jobTemplate"])["spec"])["template"]);
}

function warnOf({ warn }: AdmissionRequest, policy: SecurityPolicy, violations: readonly Violation[]): void {
  if (violations.length > 0) warn(`would violate PodSecurity ${describe(policy)}: ${format(violations)}`);
}

function describe({ level, minor }: SecurityPolicy): string {
  return JSON.stringify(`${level}:${minor === LATEST ? "latest" : `v1.${minor}`}`);
}

function format(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`))
    .join(", ");
}

function labelErrors(
  labels: Readonly<Record<string, string>>,
  former: Readonly<Record<string, string>> | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of ["enforce", "audit", "warn"]) {
    const check = (key: string, good: (value: string) => boolean, detail: string): void => {
      const value = labels[key];
      if (value === undefined || good(value) || former?.[key] === value) return;
      errors.push({ type: "Invalid value", field: `metadata.labels[${key}]`, detail, value });
    };
    check(
      `${PREFIX}${mode}`,
      (value) => LEVELS.some((level) => level === value),
      `must be one of ${LEVELS.join(", ")}`,
    );
    check(`${PREFIX}${mode}-version`, (value) => minorOf(value) !== undefined, 'must be "latest" or "v1.x"');
  }
  return errors;
}

/** Pods that a tighter level would refuse, grouped by how they break it. */
function existingWarnings(pods: readonly KubeObject[], policy: SecurityPolicy, namespace: string): string[] {
  const byReason = new Map<string, string[]>();
  for (const pod of pods) {
    const reasons = podViolations(policy, pod.metadata, specOf(pod))
      .map(({ reason }) => reason)
      .join(", ");
    if (reasons === "") continue;
    byReason.set(reasons, [...(byReason.get(reasons) ?? []), pod.metadata.name]);
  }
  if (byReason.size === 0) return [];
  const lines = [...byReason].map(([reasons, names]) => {
    const [first = "", ...others] = names.sort();
    const more =
      others.length === 0 ? "" : ` (and ${others.length} other ${others.length === 1 ? "pod" : "pods"})`;
    return `${first}${more}: ${reasons}`;
  });
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${describe(policy)}`;
  return [head, ...lines.sort()];
}

import { ApiError, type KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { genericKind } from "../registry/generic-kind.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { DefaultClasses } from "./default-classes.js";
import { defaultTolerations } from "./default-tolerations.js";
import { LimitRanger } from "./limit-range.js";
import { PodSecurityAdmission, podViolations } from "./pod-security.js";
import { PriorityAdmission } from "./priority.js";
import { ResourceQuotaAdmission } from "./resource-quota.js";
import { RuntimeClassAdmission } from "./runtime-class.js";
import { ServiceAccountAdmission } from "./service-account.js";
import { storageProtection } from "./storage-protection.js";

type Spec = Record<string, unknown>;

const pods = genericKind({ group: "", version: "v1", kind: "Pod", resource: "pods", namespaced: true });
const clock = { now: () => 0, after: () => () => undefined };
const random = { float: () => 0, bytes: (length: number) => new Uint8Array(length) };

function object(kind: string, name: string, rest: Record<string, unknown> = {}, metadata = {}): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "ns", ...metadata }, ...rest };
}

const pod = (spec: Spec = {}, metadata = {}): KubeObject =>
  object("Pod", "p", { spec: { containers: [{ name: "a", image: "i" }], ...spec } }, metadata);
const container = (resources: Spec, name = "a"): Spec => ({ name, image: "i", resources });

/** Stored objects by resource. */
function state(stored: Readonly<Record<string, readonly KubeObject[]>>): AdmissionState {
  const of = (resource: string): readonly KubeObject[] => stored[resource] ?? [];
  return {
    get: (_group, resource, _namespace, name) => of(resource).find(({ metadata }) => metadata.name === name),
    list: (_group, resource) => of(resource),
  };
}

function request(object: KubeObject, rest: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    operation: rest.oldObject ? "UPDATE" : "CREATE",
    kind: pods,
    subresource: undefined,
    namespace: "ns",
    name: object.metadata.name,
    object,
    oldObject: undefined,
    options: {},
    dryRun: false,
    user: { name: "u", groups: [] },
    warn: () => undefined,
    ...rest,
  };
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  return "";
}

const mutated = (part: Admission, request: AdmissionRequest): Spec =>
  (part.mutate(request) as KubeObject)["spec"] as Spec;

describe("LimitRanger", () => {
  const limits = [
    {
      type: "Container",
      default: { cpu: "500m" },
      defaultRequest: { cpu: "100m" },
      min: { cpu: "50m" },
      max: { cpu: "1" },
    },
    { type: "Pod", max: { cpu: "1500m" } },
  ];
  const ranger = new LimitRanger(state({ limitranges: [object("LimitRange", "l", { spec: { limits } })] }));
  const problems = (spec: Spec): string => refusal(() => ranger.validate(request(pod(spec))));

  it("fills in defaults and says so", () => {
    const filled = ranger.mutate(request(pod({ initContainers: [{ name: "i" }] })));
    expect(((filled as KubeObject)["spec"] as Spec)["containers"]).toEqual([
      { name: "a", image: "i", resources: { limits: { cpu: "500m" }, requests: { cpu: "100m" } } },
    ]);
    expect(filled?.metadata.annotations).toEqual({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: cpu request for init container i; cpu limit for init container i; cpu request for container a; cpu limit for container a",
    });
  });

  it("refuses what is out of bounds", () => {
    const within = { limits: { cpu: "1" }, requests: { cpu: "1" } };
    expect(problems({ containers: [container({ limits: { cpu: "2" }, requests: { cpu: "10m" } })] })).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1500m, but limit is 2]',
    );
    expect(problems({ containers: [container({ limits: { cpu: "1" } })] })).toContain(
      "50m.  No request is specified",
    );
    expect(problems({ containers: [container(within), container(within, "b")] })).toBe(
      'pods "p" is forbidden: maximum cpu usage per Pod is 1500m, but limit is 2',
    );
    expect(problems({ containers: [container(within)] })).toBe("");
  });
});

describe("ResourceQuotaAdmission", () => {
  const quota = (hard: Spec, spec: Spec = {}): KubeObject =>
    object("ResourceQuota", "q", { spec: { hard, ...spec } });
  const stored = pod({ containers: [container({ requests: { cpu: "1" } })] }, { name: "old" });
  const admission = (hard: Spec, spec?: Spec): ResourceQuotaAdmission =>
    new ResourceQuotaAdmission(state({ resourcequotas: [quota(hard, spec)], pods: [stored] }), () => [pods]);
  const asking = (cpu: string): AdmissionRequest =>
    request(pod({ containers: [container({ requests: { cpu } })] }));

  it("counts what is stored and what is asked", () => {
    expect(refusal(() => admission({ pods: "1" }).validate(asking("1")))).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
    expect(refusal(() => admission({ "requests.cpu": "1500m", pods: "5" }).validate(asking("600m")))).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=1, limited: requests.cpu=1500m',
    );
    expect(refusal(() => admission({ "count/pods": "2" }).validate(asking("1")))).toBe("");
  });

  it("counts what was admitted until it is settled", () => {
    const part = admission({ pods: "2" });
    const first = asking("1");
    part.validate(first);
    expect(refusal(() => part.validate(asking("1")))).toContain("used: pods=2");
    part.settle(first);
    expect(refusal(() => part.validate(asking("1")))).toBe("");
  });

  it("wants compute resources stated", () => {
    expect(
      refusal(() => admission({ "limits.cpu": "5", "requests.memory": "1Gi" }).validate(asking("1"))),
    ).toBe('pods "p" is forbidden: failed quota: q: must specify limits.cpu for: a; requests.memory for: a');
  });

  it("charges updates only for what they use more, and respects scopes", () => {
    const part = admission({ "requests.cpu": "1" });
    const update = (cpu: string): AdmissionRequest => ({
      ...asking(cpu),
      operation: "UPDATE",
      oldObject: stored,
    });
    expect(refusal(() => part.validate(update("1")))).toBe("");
    expect(refusal(() => part.validate(update("2")))).toContain("requested: requests.cpu=1,");
    expect(refusal(() => admission({ pods: "1" }, { scopes: ["BestEffort"] }).validate(asking("1")))).toBe(
      "",
    );
    expect(
      refusal(() => admission({ pods: "1" }, { scopes: ["NotBestEffort"] }).validate(asking("1"))),
    ).toContain("exceeded");
  });
});

describe("pod security", () => {
  const latest = Number.MAX_SAFE_INTEGER;
  const texts = (level: "baseline" | "restricted", spec: Spec, minor = latest): string[] =>
    podViolations({ level, minor }, {}, { containers: [{ name: "a" }], ...spec }).map(
      ({ reason, detail }) => `${reason} (${detail})`,
    );

  it("explains a plain pod at the restricted level", () => {
    expect(texts("restricted", {})).toEqual([
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
      'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ]);
    expect(texts("baseline", {})).toEqual([]);
  });

  it.each<[Spec, string]>([
    [{ hostNetwork: true, hostPID: true }, "host namespaces (hostNetwork=true, hostPID=true)"],
    [{ volumes: [{ name: "v", hostPath: {} }] }, 'hostPath volumes (volume "v")'],
    [{ containers: [{ name: "a", ports: [{ hostPort: 80 }] }] }, 'hostPort (container "a" uses hostPort 80)'],
    [
      { containers: ["a", "b"].map((name) => ({ name, securityContext: { privileged: true } })) },
      'privileged (containers "a", "b" must not set securityContext.privileged=true)',
    ],
    [
      { containers: [{ name: "a", securityContext: { capabilities: { add: ["SYS_ADMIN", "CHOWN"] } } }] },
      'non-default capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [{ securityContext: { sysctls: [{ name: "a.b" }] } }, "forbidden sysctls (a.b)"],
    [
      { securityContext: { seLinuxOptions: { type: "x", user: "u" } } },
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)',
    ],
  ])("baseline refuses %j", (spec, expected) => {
    expect(texts("baseline", spec)).toEqual([expected]);
  });

  it("judges by the version that the namespace names", () => {
    const sysctls = { securityContext: { sysctls: [{ name: "net.ipv4.tcp_rmem" }] } };
    expect(texts("baseline", sysctls, 31)).toHaveLength(1);
    expect(texts("baseline", sysctls, 32)).toEqual([]);
  });

  const namespace = (labels: Record<string, string>): AdmissionState =>
    state({ namespaces: [object("Namespace", "ns", {}, { labels })], pods: [pod({ hostNetwork: true })] });

  it("enforces on pods, warns on templates", () => {
    const part = new PodSecurityAdmission(namespace({ "pod-security.kubernetes.io/enforce": "baseline" }));
    expect(refusal(() => part.validate(request(pod({ hostNetwork: true }))))).toBe(
      'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
    const warnings: string[] = [];
    const kind = genericKind({
      group: "apps",
      version: "v1",
      kind: "Deployment",
      resource: "deployments",
      namespaced: true,
    });
    const deployment = object("Deployment", "d", {
      spec: { template: { spec: { hostNetwork: true, containers: [] } } },
    });
    part.validate(request(deployment, { kind, warn: (text) => warnings.push(text) }));
    expect(warnings).toEqual([
      'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    ]);
  });

  it("leaves running pods alone unless their images change", () => {
    const part = new PodSecurityAdmission(namespace({ "pod-security.kubernetes.io/enforce": "baseline" }));
    const old = pod({ hostNetwork: true });
    expect(
      refusal(() =>
        part.validate(
          request({ ...old, metadata: { ...old.metadata, labels: { a: "b" } } }, { oldObject: old }),
        ),
      ),
    ).toBe("");
    const changed = pod({ hostNetwork: true, containers: [{ name: "a", image: "j" }] });
    expect(refusal(() => part.validate(request(changed, { oldObject: old })))).toContain(
      "violates PodSecurity",
    );
  });

  it("checks the labels of namespaces, and warns of pods that a tighter level would refuse", () => {
    const kind = genericKind({
      group: "",
      version: "v1",
      kind: "Namespace",
      resource: "namespaces",
      namespaced: false,
    });
    const part = new PodSecurityAdmission(namespace({}));
    const labelled = (labels: Record<string, string>): KubeObject =>
      object("Namespace", "ns", {}, { labels });
    expect(
      refusal(() =>
        part.validate(request(labelled({ "pod-security.kubernetes.io/enforce": "x" }), { kind })),
      ),
    ).toBe(
      'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted',
    );
    const warnings: string[] = [];
    const tighter = labelled({ "pod-security.kubernetes.io/enforce": "baseline" });
    part.validate(request(tighter, { kind, oldObject: labelled({}), warn: (text) => warnings.push(text) }));
    expect(warnings).toEqual([
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      "p: host namespaces",
    ]);
  });
});

describe("ServiceAccountAdmission", () => {
  const account = object("ServiceAccount", "default", { imagePullSecrets: [{ name: "pull" }] });
  const namespaces = [object("Namespace", "ns")];
  const part = new ServiceAccountAdmission(state({ serviceaccounts: [account], namespaces }), clock, random);

  it("gives pods their account, its secrets and its token", () => {
    const spec = mutated(part, request(pod()));
    expect(spec).toMatchObject({
      serviceAccountName: "default",
      serviceAccount: "default",
      imagePullSecrets: [{ name: "pull" }],
    });
    expect(spec["volumes"]).toMatchObject([
      { name: "kube-api-access-bbbbb", projected: { defaultMode: 420 } },
    ]);
    expect((spec["containers"] as Spec[])[0]?.["volumeMounts"]).toEqual([
      {
        name: "kube-api-access-bbbbb",
        readOnly: true,
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
      },
    ]);
  });

  it("leaves the token out where it is not wanted", () => {
    expect(mutated(part, request(pod({ automountServiceAccountToken: false })))["volumes"]).toBeUndefined();
  });

  it("refuses accounts that do not exist", () => {
    expect(refusal(() => part.mutate(request(pod({ serviceAccountName: "nope" }))))).toBe(
      'pods "p" is forbidden: error looking up service account ns/nope: serviceaccount "nope" not found',
    );
  });
});

describe("PriorityAdmission", () => {
  const priorityClass = (name: string, value: number, globalDefault = false): KubeObject =>
    object("PriorityClass", name, { value, globalDefault });
  const part = new PriorityAdmission(
    state({ priorityclasses: [priorityClass("high", 1000), priorityClass("normal", 10, true)] }),
  );

  it("computes priorities from classes", () => {
    expect(mutated(part, request(pod({ priorityClassName: "high" })))).toMatchObject({
      priority: 1000,
      preemptionPolicy: "PreemptLowerPriority",
    });
    expect(mutated(part, request(pod()))).toMatchObject({ priorityClassName: "normal", priority: 10 });
    expect(refusal(() => part.mutate(request(pod({ priorityClassName: "nope" }))))).toBe(
      'pods "p" is forbidden: no PriorityClass with name nope was found',
    );
    expect(refusal(() => part.mutate(request(pod({ priorityClassName: "high", priority: 5 }))))).toContain(
      "the integer value of priority (5) must not be provided in pod spec",
    );
  });

  it("allows one default class", () => {
    const kind = genericKind({
      group: "scheduling.k8s.io",
      version: "v1",
      kind: "PriorityClass",
      resource: "priorityclasses",
      namespaced: false,
    });
    expect(refusal(() => part.validate(request(priorityClass("other", 1, true), { kind })))).toContain(
      "PriorityClass normal is already marked as default. Only one default can exist",
    );
  });
});

describe("defaults", () => {
  it("adds tolerations once", () => {
    const spec = mutated(defaultTolerations, request(pod()));
    expect(spec["tolerations"]).toHaveLength(2);
    const again = pod(spec);
    expect(defaultTolerations.mutate(request(again))).toBe(again);
  });

  it("takes the newest default class", () => {
    const mark = (name: string, creationTimestamp: string): KubeObject => ({
      ...object("StorageClass", name),
      metadata: {
        name,
        creationTimestamp,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
    });
    const part = new DefaultClasses(
      state({ storageclasses: [mark("old", "2025-01-01T00:00:00Z"), mark("new", "2026-01-01T00:00:00Z")] }),
    );
    const kind = genericKind({
      group: "",
      version: "v1",
      kind: "PersistentVolumeClaim",
      resource: "persistentvolumeclaims",
      namespaced: true,
    });
    expect(mutated(part, request(object("PersistentVolumeClaim", "c", { spec: {} }), { kind }))).toEqual({
      storageClassName: "new",
    });
    const chosen = object("PersistentVolumeClaim", "c", { spec: { storageClassName: "" } });
    expect(part.mutate(request(chosen, { kind }))).toBe(chosen);
  });
});

describe("storage protection", () => {
  const claims = genericKind({
    group: "",
    version: "v1",
    kind: "PersistentVolumeClaim",
    resource: "persistentvolumeclaims",
    namespaced: true,
  });
  const FINALIZER = "kubernetes.io/pvc-protection";
  const admitted = (metadata: object, rest: Partial<AdmissionRequest> = {}) =>
    storageProtection.mutate?.(
      request(object("PersistentVolumeClaim", "c", {}, metadata), { kind: claims, ...rest }),
    );

  it("keeps what is new for as long as it is in use", async () => {
    expect((await admitted({}))?.metadata.finalizers).toEqual([FINALIZER]);
    expect((await admitted({ finalizers: ["a/b"] }))?.metadata.finalizers).toEqual(["a/b", FINALIZER]);
  });

  it("adds the finalizer once, and to nothing else", async () => {
    expect((await admitted({ finalizers: [FINALIZER] }))?.metadata.finalizers).toEqual([FINALIZER]);
    expect((await admitted({}, { operation: "UPDATE" }))?.metadata.finalizers).toBeUndefined();
    expect((await admitted({}, { kind: pods }))?.metadata.finalizers).toBeUndefined();
  });
});

describe("runtime classes", () => {
  const runtime = object("RuntimeClass", "gpu", {
    handler: "gpu",
    overhead: { podFixed: { cpu: "1" } },
    scheduling: { nodeSelector: { gpu: "yes" }, tolerations: [{ key: "gpu", operator: "Exists" }] },
  });
  const admission = new RuntimeClassAdmission(state({ runtimeclasses: [runtime] }));
  const admitted = (spec: Spec) => admission.mutate(request(pod(spec)))?.["spec"];

  it("give pods their overhead, and where they are scheduled", () => {
    expect(admitted({ runtimeClassName: "gpu", nodeSelector: { a: "b" } })).toMatchObject({
      overhead: { cpu: "1" },
      nodeSelector: { a: "b", gpu: "yes" },
      tolerations: [{ key: "gpu", operator: "Exists" }],
    });
    expect(admitted({})).toEqual(pod()["spec"]);
  });

  it("must be there, and fit", () => {
    expect(refusal(() => admitted({ runtimeClassName: "none" }))).toContain(
      'pod rejected: RuntimeClass "none" not found',
    );
    expect(refusal(() => admitted({ runtimeClassName: "gpu", overhead: { cpu: "2" } }))).toContain(
      "Pod's Overhead doesn't match",
    );
    expect(refusal(() => admitted({ runtimeClassName: "gpu", nodeSelector: { gpu: "no" } }))).toContain(
      "conflict: runtimeClass.scheduling.nodeSelector[gpu] = yes; pod.spec.nodeSelector[gpu] = no",
    );
    expect(refusal(() => admission.validate(request(pod({ overhead: { cpu: "1" } }))))).toContain(
      "Pod Overhead set without corresponding RuntimeClass defined Overhead",
    );
  });
});

import { deepFreeze, type KubeObject } from "@capstan/kube";
import { expect, test } from "vitest";
import { formatFieldError } from "../handler/field-error.js";
import type { ServedKind } from "../registry/kind.js";
import { decodeObject } from "../schema/decode.js";
import { builtInKinds } from "./built-in-kinds.js";

function kindOf(name: string): ServedKind {
  const kind = builtInKinds().find((candidate) => candidate.kind === name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

function object(name: string, fields: Record<string, unknown>): KubeObject {
  const kind = kindOf(name);
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  const given = { apiVersion, kind: name, metadata: { name: "a", uid: "u1" }, ...fields };
  return decodeObject(kind.protobufMessage ?? "", given).object;
}

/** An object as it is stored when it is created. */
function created(name: string, fields: Record<string, unknown>): KubeObject {
  const { strategy } = kindOf(name);
  return strategy.prepareForCreate(strategy.setDefaults(deepFreeze(object(name, fields))));
}

function problems(name: string, fields: Record<string, unknown>): readonly string[] {
  const errors = kindOf(name).strategy.validate(created(name, fields));
  return errors.map((error) => `${error.field}: ${formatFieldError(error)}`);
}

function updateProblems(
  name: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): readonly string[] {
  const { strategy } = kindOf(name);
  const previous = created(name, before);
  const next = strategy.prepareForUpdate(strategy.setDefaults(object(name, after)), previous, undefined);
  return strategy
    .validateUpdate(next, previous, undefined)
    .map((error) => `${error.field}: ${formatFieldError(error)}`);
}

const container = { name: "c", image: "nginx" };
const template = { metadata: { labels: { app: "a" } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: "a" } };

test("a Deployment is filled in as the real server does", () => {
  const deployment = created("Deployment", { spec: { selector, template }, status: { replicas: 9 } });
  expect(deployment["spec"]).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    template: {
      spec: {
        dnsPolicy: "ClusterFirst",
        restartPolicy: "Always",
        schedulerName: "default-scheduler",
        securityContext: {},
        terminationGracePeriodSeconds: 30,
        containers: [
          {
            imagePullPolicy: "Always",
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
            resources: {},
          },
        ],
      },
    },
  });
  expect(deployment["status"]).toEqual({});
});

test.each([
  ["nginx", "Always"],
  ["nginx:latest", "Always"],
  ["host:5000/nginx", "Always"],
  ["nginx:1.2", "IfNotPresent"],
  ["nginx@sha256:00", "IfNotPresent"],
])("the image %s is pulled %s", (image, policy) => {
  const pod = created("Pod", { spec: { containers: [{ name: "c", image }] } });
  expect((pod["spec"] as { containers: { imagePullPolicy: string }[] }).containers[0]?.imagePullPolicy).toBe(
    policy,
  );
});

test("pods ask for what they are limited to, and get the class that follows from it", () => {
  const limited = created("Pod", {
    spec: { containers: [{ ...container, resources: { limits: { cpu: "1", memory: "1Gi" } } }] },
  });
  expect(limited["spec"]).toMatchObject({
    enableServiceLinks: true,
    containers: [{ resources: { requests: { cpu: "1", memory: "1Gi" } } }],
  });
  expect(limited["status"]).toEqual({ phase: "Pending", qosClass: "Guaranteed" });
  expect(created("Pod", { spec: { containers: [container] } })["status"]).toMatchObject({
    qosClass: "BestEffort",
  });
});

test("plain values of a Secret become data", () => {
  const secret = created("Secret", { stringData: { a: "b" }, data: { c: "ZA==" } });
  expect(secret).toMatchObject({ type: "Opaque", data: { a: "Yg==", c: "ZA==" } });
  expect(secret).not.toHaveProperty("stringData");
});

test("a Job knows its pods by its uid", () => {
  const job = created("Job", {
    spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } },
  });
  const labels = {
    "batch.kubernetes.io/controller-uid": "u1",
    "batch.kubernetes.io/job-name": "a",
    "controller-uid": "u1",
    "job-name": "a",
  };
  expect(job.metadata.labels).toEqual(labels);
  expect(job["spec"]).toMatchObject({
    backoffLimit: 6,
    completions: 1,
    parallelism: 1,
    completionMode: "NonIndexed",
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } },
    template: { metadata: { labels } },
  });
});

test("services keep what was allocated to them, unless they have no use for it", () => {
  const { strategy } = kindOf("Service");
  const spec = {
    type: "NodePort",
    clusterIP: "10.0.0.1",
    clusterIPs: ["10.0.0.1"],
    ports: [{ port: 80, nodePort: 30001 }],
  };
  const previous = strategy.setDefaults(object("Service", { spec }));
  const update = (fields: Record<string, unknown>) =>
    strategy.prepareForUpdate(strategy.setDefaults(object("Service", { spec: fields })), previous, undefined)[
      "spec"
    ];
  expect(update({ type: "NodePort", ports: [{ port: 81 }] })).toMatchObject({
    clusterIP: "10.0.0.1",
    clusterIPs: ["10.0.0.1"],
    ports: [{ port: 81, nodePort: 30001 }],
  });
  expect(update({ ports: [{ port: 80, nodePort: 30001 }] })).toMatchObject({
    ports: [{ port: 80, targetPort: 80 }],
  });
  expect(update({ ...spec, type: "ExternalName", externalName: "a.b" })).not.toHaveProperty("clusterIP");
});

test.each<[string, Record<string, unknown>, string[]]>([
  ["Pod", { spec: { containers: [{ name: "c" }] } }, ["spec.containers[0].image: Required value"]],
  [
    "Pod",
    { spec: { containers: [container, container] } },
    ['spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    "Pod",
    { spec: { containers: [{ ...container, volumeMounts: [{ name: "v", mountPath: "/v" }] }] } },
    ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ],
  [
    "Deployment",
    { spec: { template } },
    [
      "spec.selector: Required value",
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
  ],
  [
    "Deployment",
    { spec: { selector, template, strategy: { type: "Foo" } } },
    [
      'spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
  ],
  ["Service", { spec: {} }, ["spec.ports: Required value"]],
  [
    "Role",
    { rules: [{ verbs: ["get"], resources: ["pods"] }] },
    ["rules[0].apiGroups: Required value: resource rules must supply at least one api group"],
  ],
  [
    "Secret",
    { type: "kubernetes.io/tls" },
    ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
  ],
  [
    "CronJob",
    {
      spec: {
        schedule: "* *",
        jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } } },
      },
    },
    ['spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]'],
  ],
  [
    "ConfigMap",
    { metadata: { name: "a", labels: { k: "no value!" } } },
    [
      "metadata.labels: Invalid value: \"no value!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
])("%s %j is refused with the real server's words", (kind, fields, expected) => {
  expect(problems(kind, fields)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
  [
    "Deployment",
    { spec: { selector, template } },
    {
      spec: {
        selector: { matchLabels: { app: "b" } },
        template: { ...template, metadata: { labels: { app: "b" } } },
      },
    },
    ['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable'],
  ],
  [
    "Secret",
    { immutable: true },
    { immutable: true, data: { a: "Yg==" } },
    ["data: Forbidden: field is immutable when `immutable` is set"],
  ],
  ["StatefulSet", { spec: { selector, template } }, { spec: { selector, template, replicas: 3 } }, []],
  [
    "StatefulSet",
    { spec: { selector, template } },
    { spec: { selector, template, serviceName: "x" } },
    [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  ],
  [
    "Pod",
    { spec: { containers: [container] } },
    { spec: { containers: [{ ...container, image: "other" }] } },
    [],
  ],
  [
    "Pod",
    { spec: { containers: [container] } },
    { spec: { containers: [container, { ...container, name: "d" }] } },
    ["spec.containers: Forbidden: pod updates may not add or remove containers"],
  ],
])("%s: what may not change is refused", (kind, before, after, expected) => {
  expect(updateProblems(kind, before, after)).toEqual(expected);
});

test("a status write changes the status alone", () => {
  const { strategy } = kindOf("Deployment");
  const previous = created("Deployment", { spec: { selector, template } });
  const next = { ...previous, spec: {}, status: { replicas: 2 } };
  expect(strategy.prepareForUpdate(next, previous, "status")).toEqual({
    ...previous,
    status: { replicas: 2 },
  });
  expect(strategy.prepareForUpdate(next, previous, undefined)["status"]).toEqual({});
});

test("an autoscaler reads the same in both versions", () => {
  const served = builtInKinds().find(
    (kind) => kind.kind === "HorizontalPodAutoscaler" && kind.version === "v1",
  );
  const target = { type: "Utilization", averageUtilization: 60 };
  const memory = { type: "Resource", resource: { name: "memory", target } };
  const cpu = { type: "Resource", resource: { name: "cpu", target } };
  const v2 = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "a" },
    spec: { maxReplicas: 3, metrics: [memory, cpu] },
    status: { desiredReplicas: 1 },
  };
  const v1 = served?.storage.convert?.fromStorage(v2 as unknown as KubeObject);
  expect(v1?.["spec"]).toEqual({ maxReplicas: 3, targetCPUUtilizationPercentage: 60 });
  expect(served?.storage.convert?.toStorage(v1 as KubeObject)["spec"]).toEqual({
    maxReplicas: 3,
    metrics: [memory, cpu],
  });
});

test("warnings name the field that they are about", () => {
  const pod = created("Pod", {
    spec: { containers: [{ ...container, env: [{ name: "A" }, { name: "A" }] }] },
  });
  expect(kindOf("Pod").strategy.warnings?.(pod)).toEqual([
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});

test("any object that decodes is judged without a crash", () => {
  for (const kind of builtInKinds()) {
    const bare = object(kind.kind, {});
    const typed = { ...bare, apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}` };
    const full = kind.strategy.prepareForCreate(kind.strategy.setDefaults(typed));
    expect(Array.isArray(kind.strategy.validate(full))).toBe(true);
    expect(Array.isArray(kind.strategy.validateUpdate(full, full, undefined))).toBe(true);
  }
});

test.each([
  ["10.0.0.1", undefined],
  ["2001:db8::1", undefined],
  ["abc", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"],
  ["fe80::1%eth0", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"],
  ["010.0.0.1", "must not have leading 0s"],
  ["2001:DB8::1", 'must be in canonical form ("2001:db8::1")'],
  ["2001:db8:0::1", 'must be in canonical form ("2001:db8::1")'],
  ["::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"],
])("an IPAddress is named in the canonical form of an address: %s", (name, message) => {
  const spec = { parentRef: { resource: "services", name: "a", namespace: "b" } };
  expect(problems("IPAddress", { metadata: { name }, spec })).toEqual(
    message === undefined ? [] : [`metadata.name: Invalid value: ${JSON.stringify(name)}: ${message}`],
  );
});

test("an IPAddress says what it belongs to", () => {
  const of = (spec: object) => problems("IPAddress", { metadata: { name: "10.0.0.1" }, spec });
  expect(of({})).toEqual(["spec.parentRef: Required value"]);
  expect(of({ parentRef: {} })).toEqual([
    "spec.parentRef.resource: Required value",
    "spec.parentRef.name: Required value",
  ]);
  expect(of({ parentRef: { resource: "a/b", name: "..", namespace: "a/b" } })).toEqual([
    `spec.parentRef.resource: Invalid value: "a/b": may not contain '/'`,
    `spec.parentRef.name: Invalid value: "..": may not be '..'`,
    `spec.parentRef.namespace: Invalid value: "a/b": may not contain '/'`,
  ]);
});

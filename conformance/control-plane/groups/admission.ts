import { MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { deployment, pod } from "../samples.js";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: admission-webhooks-and-policies";

const _REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

/** Pods need their service account; without controllers nobody else makes it. */
async function ensureAccount({ api }: Trial, namespace: string): Promise<void> {
  try {
    await eventually(async () => answers(await api.get(`${namespace}/serviceaccounts/default`)), 3_000);
  } catch {
    answers(await api.post(`${namespace}/serviceaccounts`, { metadata: { name: "default" } }), 201);
  }
}

const builtIn: readonly Check[] = [
  check("limit ranges fill in and refuse", "concepts/policy/limit-range", async (trial) => {
    const { api, name } = trial;
    const at = `/api/v1/namespaces/${name}`;
    await api.post("/api/v1/namespaces", { metadata: { name } });
    trial.after(() => api.delete(at));
    await ensureAccount(trial, at);
    answers(
      await api.post(`${at}/limitranges`, {
        metadata: { name: "l" },
        spec: {
          limits: [
            {
              type: "Container",
              default: { cpu: "500m" },
              defaultRequest: { cpu: "200m" },
              max: { cpu: "1" },
            },
          ],
        },
      }),
      201,
    );
    await eventually(async () =>
      like(answers(await api.post(`${at}/pods?dryRun=All`, pod("p")), 201).spec.containers[0].resources, {
        limits: { cpu: "500m" },
        requests: { cpu: "200m" },
      }),
    );
    refuses(
      await api.post(
        `${at}/pods?dryRun=All`,
        pod("p", { containers: [{ name: "a", image: "i", resources: { limits: { cpu: "2" } } }] }),
      ),
      403,
      'pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  }),
  check(
    "resource quotas count and refuse",
    `${E2E}ResourceQuota should create a ResourceQuota and capture the life of a configMap / secret / service / pod`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      trial.after(() => api.delete(at));
      await ensureAccount(trial, at);
      answers(
        await api.post(`${at}/resourcequotas`, {
          metadata: { name: "q" },
          spec: {
            hard: {
              pods: "1",
              "requests.cpu": "1",
              services: "2",
              "services.nodeports": "1",
              secrets: "1",
              configmaps: "2",
              "count/replicasets.apps": "1",
              persistentvolumeclaims: "1",
              "requests.storage": "1Gi",
            },
          },
        }),
        201,
      );
      const used = async (key: string, value: string) =>
        eventually(
          async () => same(answers(await api.get(`${at}/resourcequotas/q`)).status.used?.[key], value, key),
          25_000,
        );
      await used("pods", "0");
      const sized = (each: string) =>
        pod(each, {
          schedulerName: "nobody",
          containers: [{ name: "a", image: "i", resources: { requests: { cpu: "500m" } } }],
        });
      refuses(
        await api.post(`${at}/pods`, pod("x", { schedulerName: "nobody" })),
        403,
        "failed quota: q: must specify requests.cpu for: main",
      );
      answers(await api.post(`${at}/pods`, sized("p")), 201);
      await used("requests.cpu", "500m");
      refuses(
        await api.post(`${at}/pods`, sized("p2")),
        403,
        'pods "p2" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
      );
      answers(await api.post(`${at}/secrets`, { metadata: { name: "s" } }), 201);
      refuses(
        await api.post(`${at}/secrets`, { metadata: { name: "s2" } }),
        403,
        "exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1",
      );
      await api.post(`${at}/services`, {
        metadata: { name: "n" },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      });
      await used("services.nodeports", "1");
      refuses(
        await api.post(`${at}/services`, {
          metadata: { name: "n2" },
          spec: { type: "NodePort", ports: [{ port: 80 }] },
        }),
        403,
        "exceeded quota: q",
      );
      const { spec } = deployment("r", { replicas: 0 });
      answers(
        await api.post(`/apis/apps/v1/namespaces/${name}/replicasets`, { metadata: { name: "r" }, spec }),
        201,
      );
      await used("count/replicasets.apps", "1");
      await api.delete(`${at}/pods/p?gracePeriodSeconds=0`);
      await used("pods", "0");
      await api.delete(`${at}/secrets/s`);
      await used("secrets", "0");
    },
    "controllers",
  ),
  check(
    "quotas of scopes count the pods of these",
    `${E2E}ResourceQuota should verify ResourceQuota with best effort scope; with terminating scopes`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      trial.after(() => api.delete(at));
      await ensureAccount(trial, at);
      for (const scope of ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating"])
        answers(
          await api.post(`${at}/resourcequotas`, {
            metadata: { name: scope.toLowerCase() },
            spec: { hard: { pods: "5" }, scopes: [scope] },
          }),
          201,
        );
      await eventually(
        async () =>
          same(answers(await api.get(`${at}/resourcequotas/besteffort`)).status.used, { pods: "0" }, "used"),
        25_000,
      );
      answers(
        await api.post(`${at}/pods`, pod("p", { schedulerName: "nobody", activeDeadlineSeconds: 100 })),
        201,
      );
      for (const [scope, count] of [
        ["besteffort", "1"],
        ["notbesteffort", "0"],
        ["terminating", "1"],
        ["notterminating", "0"],
      ] as const) {
        await eventually(
          async () =>
            same(answers(await api.get(`${at}/resourcequotas/${scope}`)).status.used?.pods, count, scope),
          25_000,
        );
      }
    },
    "controllers",
  ),
  check(
    "a quota's life, and its status",
    `${E2E}ResourceQuota should be able to update and delete ResourceQuota; should manage the lifecycle; should apply changes to a resourcequota status`,
    async ({ api, path, name }) => {
      const at = `${path("resourcequotas")}/${name}`;
      await api.post(path("resourcequotas"), {
        metadata: { name, labels: { of: name } },
        spec: { hard: { "count/leases.coordination.k8s.io": "9" } },
      });
      like(
        answers(
          await api.patch(at, MERGE_PATCH, { spec: { hard: { "count/leases.coordination.k8s.io": "8" } } }),
        ),
        { spec: { hard: { "count/leases.coordination.k8s.io": "8" } } },
      );
      const patched = answers(
        await api.patch(`${at}/status`, MERGE_PATCH, {
          spec: { hard: { "count/leases.coordination.k8s.io": "1" } },
          status: { hard: { "count/leases.coordination.k8s.io": "7" } },
        }),
      );
      like(patched, {
        spec: { hard: { "count/leases.coordination.k8s.io": "8" } },
        status: { hard: { "count/leases.coordination.k8s.io": "7" } },
      });
      answers(await api.delete(`${path("resourcequotas")}?labelSelector=of%3D${name}`));
      same((await api.get(at)).code, 404, "the code");
    },
  ),
  check("pod security by a namespace's label", "concepts/security/pod-security-admission", async (trial) => {
    const { api, name } = trial;
    const at = `/api/v1/namespaces/${name}`;
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    };
    await api.post("/api/v1/namespaces", { metadata: { name, labels } });
    trial.after(() => api.delete(at));
    await ensureAccount(trial, at);
    refuses(
      await api.post(
        `${at}/pods?dryRun=All`,
        pod("p", { containers: [{ name: "main", image: "i", securityContext: { privileged: true } }] }),
      ),
      403,
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": privileged (container "main" must not set securityContext.privileged=true)',
    );
    const warned = await api.post(`/apis/apps/v1/namespaces/${name}/deployments?dryRun=All`, deployment("d"));
    answers(warned, 201);
    holds(
      warned.warnings.some((each) =>
        each.startsWith('would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false'),
      ),
      `a warning: ${warned.warnings}`,
    );
    const securityContext = {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      capabilities: { drop: ["ALL"] },
    };
    answers(
      await api.post(
        `${at}/pods?dryRun=All`,
        pod("p", { containers: [{ name: "main", image: "i", securityContext }] }),
      ),
      201,
    );
  }),
  check("an unknown service account or priority class is refused", OWN, async ({ api, path, name, ns }) => {
    refuses(
      await api.post(path("pods"), pod(name, { serviceAccountName: "none" })),
      403,
      `error looking up service account ${ns}/none: serviceaccount "none" not found`,
    );
    refuses(
      await api.post(path("pods"), pod(name, { priorityClassName: "none" })),
      403,
      "no PriorityClass with name none was found",
    );
  }),
  check(
    "a pod's priority comes from its class",
    "concepts/scheduling-eviction/pod-priority-preemption: PriorityClass",
    async (trial) => {
      const { api, path, name } = trial;
      await api.post("/apis/scheduling.k8s.io/v1/priorityclasses", {
        metadata: { name },
        value: 77,
        preemptionPolicy: "Never",
      });
      trial.after(() => api.delete(`/apis/scheduling.k8s.io/v1/priorityclasses/${name}`));
      await eventually(async () =>
        like(
          answers(await api.post(`${path("pods")}?dryRun=All`, pod(name, { priorityClassName: name })), 201)
            .spec,
          { priority: 77, preemptionPolicy: "Never" },
        ),
      );
    },
  ),
];

export const builtInAdmission: readonly Check[] = [...builtIn];

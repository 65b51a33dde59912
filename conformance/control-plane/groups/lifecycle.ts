import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { define } from "../definitions.js";
import { configMap, deployment, pod } from "../samples.js";
import { failed, succeeded } from "../tools.js";

const FINALIZERS = "concepts/overview/working-with-objects/finalizers";

const OWN = "observed on a kube-apiserver 1.35: metadata-lifecycle";

const E2E = "a conformance test of Kubernetes: ";

async function made(trial: Trial, name: string, metadata: object = {}): Promise<Json> {
  return answers(await trial.api.post(trial.path("configmaps"), configMap(name, {}, metadata)), 201);
}

const gone = (trial: Trial, name: string, within?: number) =>
  eventually(
    async () =>
      same((await trial.api.get(`${trial.path("configmaps")}/${name}`)).code, 404, `the code of ${name}`),
    within,
  );

const deleting: readonly Check[] = [
  check("deleting answers what was deleted", OWN, async (trial) => {
    const { metadata } = await made(trial, trial.name);
    const status = answers(await trial.api.delete(`${trial.path("configmaps")}/${trial.name}`));
    like(status, {
      kind: "Status",
      status: "Success",
      details: { name: trial.name, kind: "configmaps", uid: metadata.uid },
    });
  }),
  check("some kinds answer the object", OWN, async ({ api, path, name }) => {
    await api.post(path("serviceaccounts"), { metadata: { name } });
    like(answers(await api.delete(`${path("serviceaccounts")}/${name}`)), {
      kind: "ServiceAccount",
      metadata: { name },
    });
    await api.post(path("services"), { metadata: { name }, spec: { ports: [{ port: 80 }] } });
    like(answers(await api.delete(`${path("services")}/${name}`)), { kind: "Service" });
    await api.post(path("resourcequotas"), { metadata: { name }, spec: {} });
    like(answers(await api.delete(`${path("resourcequotas")}/${name}`)), { kind: "ResourceQuota" });
  }),
  check("what is not there is 404", OWN, async ({ api, path }) => {
    refuses(await api.delete(`${path("configmaps")}/none`), 404, 'configmaps "none" not found');
  }),
  check("a finalizer holds an object", FINALIZERS, async (trial) => {
    await made(trial, trial.name, { finalizers: ["example.com/hold"] });
    const at = `${trial.path("configmaps")}/${trial.name}`;
    like(answers(await trial.api.delete(at)), {
      kind: "ConfigMap",
      metadata: { deletionTimestamp: /Z$/, deletionGracePeriodSeconds: 0, finalizers: ["example.com/hold"] },
    });
    like(answers(await trial.api.get(at)), { metadata: { deletionTimestamp: /Z$/ } });
    answers(await trial.api.delete(at));
    refuses(
      await trial.api.post(trial.path("configmaps"), configMap(trial.name)),
      409,
      `object is being deleted: configmaps "${trial.name}" already exists`,
    );
    answers(await trial.api.patch(at, MERGE_PATCH, { metadata: { finalizers: null } }));
    same((await trial.api.get(at)).code, 404, "the code afterwards");
  }),
  check(
    "no finalizer comes to what is being deleted",
    "observed on a kube-apiserver 1.35: patch",
    async (trial) => {
      await made(trial, trial.name, { finalizers: ["example.com/hold"] });
      const at = `${trial.path("configmaps")}/${trial.name}`;
      await trial.api.delete(at);
      refuses(
        await trial.api.patch(at, MERGE_PATCH, {
          metadata: { finalizers: ["example.com/hold", "example.com/more"] },
        }),
        422,
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
      );
      answers(await trial.api.patch(at, MERGE_PATCH, { data: { still: "written" } }));
      await trial.api.patch(at, MERGE_PATCH, { metadata: { finalizers: null } });
    },
  ),
  check(
    "the last finalizer's removal is a DELETED event",
    "observed on a kube-apiserver 1.35: list-watch",
    async (trial) => {
      await made(trial, trial.name, { finalizers: ["example.com/hold"] });
      const at = `${trial.path("configmaps")}/${trial.name}`;
      const terminating = answers(await trial.api.delete(at));
      const watch = await trial.api.watch(
        `${trial.path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${trial.name}&resourceVersion=${terminating.metadata.resourceVersion}`,
      );
      trial.after(() => watch.close());
      await trial.api.patch(at, MERGE_PATCH, { metadata: { finalizers: [] } });
      same(
        (await watch.take(1)).map(({ type }) => type),
        ["DELETED"],
        "events",
      );
    },
  ),
  check("preconditions: uid and version", OWN, async (trial) => {
    const { metadata } = await made(trial, trial.name);
    const at = `${trial.path("configmaps")}/${trial.name}`;
    refuses(
      await trial.api.delete(at, { preconditions: { uid: "other" } }),
      409,
      `the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
    refuses(
      await trial.api.delete(at, { preconditions: { resourceVersion: "1" } }),
      409,
      "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record",
    );
    answers(
      await trial.api.delete(at, {
        preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
      }),
    );
  }),
  check("a dry run deletes nothing", "reference/using-api/api-concepts: Dry-run", async (trial) => {
    await made(trial, trial.name);
    answers(await trial.api.delete(`${trial.path("configmaps")}/${trial.name}?dryRun=All`));
    answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}`));
  }),
  check(
    "policies that make no sense are refused",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      await made(trial, trial.name);
      const at = `${trial.path("configmaps")}/${trial.name}`;
      refuses(
        await trial.api.delete(at, { propagationPolicy: "Some" }),
        422,
        'propagationPolicy: Unsupported value: "Some": supported values: "Foreground", "Background", "Orphan", "nil"',
      );
      refuses(
        await trial.api.delete(at, { propagationPolicy: "Orphan", orphanDependents: true }),
        422,
        "orphanDependents and deletionPropagation cannot be both set",
      );
    },
  ),
  check(
    "a pod has its grace period",
    "concepts/workloads/pods/pod-lifecycle: Termination of Pods",
    async ({ api, path, name }) => {
      await api.post(path("pods"), pod(name, { nodeName: "nowhere", terminationGracePeriodSeconds: 40 }));
      const at = `${path("pods")}/${name}`;
      like(answers(await api.delete(at)), {
        metadata: { deletionTimestamp: /Z$/, deletionGracePeriodSeconds: 40 },
      });
      like(answers(await api.delete(`${at}?gracePeriodSeconds=10`)), {
        metadata: { deletionGracePeriodSeconds: 10 },
      });
      like(answers(await api.delete(`${at}?gracePeriodSeconds=60`)), {
        metadata: { deletionGracePeriodSeconds: 10 },
      });
      answers(await api.delete(`${at}?gracePeriodSeconds=0`));
      same((await api.get(at)).code, 404, "the code afterwards");
    },
  ),
  check("a pod on no node goes at once", OWN, async ({ api, path, name }) => {
    await api.post(path("pods"), pod(name, { schedulerName: "nobody" }));
    answers(await api.delete(`${path("pods")}/${name}`));
    same((await api.get(`${path("pods")}/${name}`)).code, 404, "the code afterwards");
  }),
  check("generation counts the beginning of deletion", OWN, async (trial) => {
    const { api, path, name } = trial;
    const body = deployment(name, { replicas: 0, paused: true });
    await api.post(path("deployments", "apps/v1"), {
      ...body,
      metadata: { name, finalizers: ["example.com/hold"] },
    });
    const at = `${path("deployments", "apps/v1")}/${name}`;
    like(answers(await api.delete(at)), { metadata: { generation: 2 } });
    await api.patch(at, MERGE_PATCH, { metadata: { finalizers: null } });
  }),
  check("a collection is deleted by selector", OWN, async (trial) => {
    for (const each of ["a", "b", "c"])
      await made(trial, `${trial.name}${each}`, { labels: { of: each === "c" ? "other" : trial.name } });
    const deleted = answers(
      await trial.api.delete(`${trial.path("configmaps")}?labelSelector=of%3D${trial.name}`),
    );
    same([deleted.kind, deleted.items.length], ["ConfigMapList", 2], "the answer");
    answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}c`));
    await gone(trial, `${trial.name}a`);
  }),
  check("system namespaces stay", OWN, async ({ api }) => {
    for (const each of ["default", "kube-system", "kube-public"])
      refuses(
        await api.delete(`/api/v1/namespaces/${each}`),
        403,
        `namespaces "${each}" is forbidden: this namespace may not be deleted`,
      );
  }),
  check(
    "kubectl delete: by name, by label, with --wait and --cascade=orphan",
    "reference/kubectl/generated/kubectl_delete",
    async (trial) => {
      for (const each of ["a", "b"])
        await made(trial, `${trial.name}${each}`, { labels: { of: trial.name } });
      holds(
        succeeded(
          await trial.tools.kubectl(["delete", "cm", `${trial.name}a`, "-n", trial.ns, "--cascade=orphan"]),
        ).includes("deleted"),
        "it is told",
      );
      succeeded(await trial.tools.kubectl(["delete", "cm", "-l", `of=${trial.name}`, "-n", trial.ns]));
      holds(
        failed(await trial.tools.kubectl(["delete", "cm", `${trial.name}a`, "-n", trial.ns])).includes(
          "NotFound",
        ),
        "what is not there is told",
      );
      succeeded(
        await trial.tools.kubectl(["delete", "cm", `${trial.name}a`, "-n", trial.ns, "--ignore-not-found"]),
      );
    },
    "controllers",
  ),
];

const namespaces: readonly Check[] = [
  check(
    "a namespace takes its content with it",
    `${E2E}Namespaces should ensure that all services are removed when a namespace is deleted`,
    async (trial) => {
      const { api, name } = trial;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      const { object, group, plural } = await define(trial);
      answers(
        await api.post(`/api/v1/namespaces/${name}/services`, {
          metadata: { name: "s" },
          spec: { ports: [{ port: 80 }] },
        }),
        201,
      );
      answers(await api.post(`/apis/${group}/v1/namespaces/${name}/${plural}`, object("c")), 201);
      like(answers(await api.delete(`/api/v1/namespaces/${name}`)), {
        metadata: { deletionTimestamp: /Z$/ },
        status: { phase: "Terminating" },
      });
      await eventually(
        async () =>
          same((await api.get(`/api/v1/namespaces/${name}`)).code, 404, "the code of the namespace"),
        25_000,
      );
      same((await api.get(`/api/v1/namespaces/${name}/services/s`)).code, 404, "the code of the service");
    },
    "controllers",
  ),
  check(
    "a namespace that terminates takes nothing new, and tells what holds it",
    OWN,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      await api.post(`${at}/configmaps`, configMap("held", {}, { finalizers: ["example.com/hold"] }));
      await api.delete(at);
      const status = refuses(
        await api.post(`${at}/configmaps`, configMap("new")),
        403,
        `configmaps "new" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
      );
      like(status, {
        details: {
          causes: [
            {
              reason: "NamespaceTerminating",
              message: `namespace ${name} is being terminated`,
              field: "metadata.namespace",
            },
          ],
        },
      });
      await eventually(async () => {
        const { conditions } = answers(await api.get(at)).status;
        const reasons = Object.fromEntries(
          conditions.map(({ type, status: value, reason }: Json) => [type, [value, reason]]),
        );
        like(reasons, {
          NamespaceDeletionDiscoveryFailure: ["False", "ResourcesDiscovered"],
          NamespaceDeletionGroupVersionParsingFailure: ["False", "ParsedGroupVersions"],
          NamespaceContentRemaining: ["True", "SomeResourcesRemain"],
          NamespaceFinalizersRemaining: ["True", "SomeFinalizersRemain"],
        });
        like(
          conditions.find(({ type }: Json) => type === "NamespaceContentRemaining"),
          { message: "Some resources are remaining: configmaps. has 1 resource instances" },
        );
      }, 25_000);
      await api.patch(`${at}/configmaps/held`, MERGE_PATCH, { metadata: { finalizers: null } });
      await eventually(async () => same((await api.get(at)).code, 404, "the code"), 25_000);
    },
    "controllers",
  ),
  check(
    "pods go first",
    `${E2E}OrderedNamespaceDeletion namespace deletion should delete pod first`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      await eventually(async () => answers(await api.get(`${at}/serviceaccounts/default`)));
      answers(
        await api.post(
          `${at}/pods`,
          pod("held", { schedulerName: "nobody" }, { finalizers: ["example.com/hold"] }),
        ),
        201,
      );
      await api.post(`${at}/configmaps`, configMap("later"));
      await api.delete(at);
      await eventually(
        async () =>
          holds(
            answers(await api.get(at)).status.conditions?.some(
              ({ type }: Json) => type === "NamespaceDeletionContentFailure",
            ),
            "the condition is there",
          ),
        25_000,
      );
      like(answers(await api.get(`${at}/configmaps/later`)), { metadata: { deletionTimestamp: undefined } });
      await api.patch(`${at}/pods/held`, MERGE_PATCH, { metadata: { finalizers: null } });
      await eventually(async () => same((await api.get(at)).code, 404, "the code"), 40_000);
    },
    "controllers",
  ),
  check(
    "the finalizers of a namespace's spec are written at /finalize",
    `${E2E}Namespaces should apply a finalizer to a Namespace`,
    async (trial) => {
      const { api, name } = trial;
      const at = `/api/v1/namespaces/${name}`;
      answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      const write = async (finalizers: string[]) =>
        answers(await api.put(`${at}/finalize`, { ...answers(await api.get(at)), spec: { finalizers } }));
      same(
        (await write(["kubernetes", "e2e.example.com/fake"])).spec.finalizers,
        ["kubernetes", "e2e.example.com/fake"],
        "finalizers",
      );
      same((await write(["kubernetes"])).spec.finalizers, ["kubernetes"], "finalizers");
      await api.delete(at);
    },
  ),
  check(
    "a namespace is updated and patched",
    `${E2E}Namespaces should apply an update to a Namespace; should patch a Namespace`,
    async ({ api, name, after }) => {
      const at = `/api/v1/namespaces/${name}`;
      const made = answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      after(() => api.delete(at));
      like(
        answers(
          await api.put(at, {
            ...made,
            metadata: { ...made.metadata, labels: { ...made.metadata.labels, a: "b" } },
          }),
        ),
        { metadata: { labels: { a: "b" } } },
      );
      like(answers(await api.patch(at, MERGE_PATCH, { metadata: { labels: { c: "d" } } })), {
        metadata: { labels: { a: "b", c: "d", "kubernetes.io/metadata.name": name } },
      });
    },
  ),
  check(
    "a namespace's status is patched and updated",
    `${E2E}Namespaces should apply changes to a namespace status`,
    async ({ api, name, after }) => {
      const at = `/api/v1/namespaces/${name}`;
      await api.post("/api/v1/namespaces", { metadata: { name } });
      after(() => api.delete(at));
      const condition = { type: "StatusPatch", status: "True", reason: "E2E", message: "Patched by a check" };
      const patched = answers(
        await api.patch(`${at}/status`, MERGE_PATCH, {
          metadata: { annotations: { e2e: "x" } },
          status: { conditions: [condition] },
        }),
      );
      like(patched, { status: { phase: "Active", conditions: [condition] } });
      const updated = answers(
        await api.put(`${at}/status`, {
          ...patched,
          status: {
            ...patched.status,
            conditions: [...patched.status.conditions, { ...condition, type: "StatusUpdate" }],
          },
        }),
      );
      same(updated.status.conditions.length, 2, "the number of conditions");
    },
  ),
  check("a namespace that is not there is told", OWN, async ({ api }) => {
    refuses(
      await api.post("/api/v1/namespaces/none-such/configmaps", configMap("a")),
      404,
      'namespaces "none-such" not found',
    );
  }),
  check(
    "kubectl create and delete namespace",
    "tasks/administer-cluster/namespaces",
    async ({ tools, name }) => {
      succeeded(await tools.kubectl(["create", "namespace", name]));
      succeeded(await tools.kubectl(["delete", "namespace", name, "--timeout=40s"]));
    },
    "controllers",
  ),
];

export const lifecycle: readonly Check[] = [...deleting, ...namespaces];

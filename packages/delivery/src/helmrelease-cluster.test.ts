import type { KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "./testing/controller-home.js";
import { chartFiles, HelmHome } from "./testing/helm-home.js";

let home: HelmHome;
beforeEach(async () => {
  home = await HelmHome.open();
});
afterEach(async () => {
  await home.close();
});

const HELM_RELEASE = {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  namespace: "flux-system",
};

function hook(name: string, annotations: Record<string, string>, kind = "ConfigMap"): string {
  const lines = Object.entries(annotations).map(
    ([key, value]) => `    helm.sh/${key}: ${JSON.stringify(value)}`,
  );
  const spec = kind === "Pod" ? "spec: {restartPolicy: Never, containers: [{name: t, image: t}]}\n" : "";
  return `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  annotations:\n${lines.join("\n")}\n${spec}`;
}

/** Ends Pods as they appear, those whose name says so badly. */
function endingPods(): () => void {
  let stopped = false;
  void (async () => {
    while (!stopped) {
      const { items } = await home.client.list(
        { apiVersion: "v1", kind: "Pod" },
        { namespace: "flux-system" },
      );
      for (const pod of items as KubeObject[]) {
        const phase = pod.metadata.name.includes("bad") ? "Failed" : "Succeeded";
        if ((pod["status"] as { phase?: string } | undefined)?.phase === phase) continue;
        const ref = { apiVersion: "v1", kind: "Pod", namespace: "flux-system", name: pod.metadata.name };
        await home.client
          .patch(ref, { type: "merge", body: { status: { phase } } }, { subresource: "status" })
          .catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return () => {
    stopped = true;
  };
}

describe("hooks", () => {
  it("run by weight, leave what their policies say, and are no part of the release", async () => {
    await home.start();
    await home.publish(
      chartFiles("1.0.0", {
        "templates/h2.yaml": hook("second", { hook: "pre-install", "hook-weight": "5" }),
        "templates/h1.yaml": hook("first", {
          hook: "pre-install,post-upgrade",
          "hook-weight": "-1",
          "hook-delete-policy": "hook-succeeded",
        }),
      }),
    );
    await home.release("app");
    const { status } = await home.untilReady("app");
    expect(status?.inventory?.entries.map(({ id }) => id)).toEqual(["flux-system_app-config__ConfigMap"]);
    const written = home.writes
      .filter((write) => /PATCH .*configmaps\//.test(write))
      .map((write) => write.split("/").at(-1));
    expect(written).toEqual(["first", "second", "app-config"]);
    expect(await home.get("v1", "ConfigMap", "first")).toBeUndefined();
    const second = await home.get("v1", "ConfigMap", "second");
    expect(second?.metadata.annotations?.["meta.helm.sh/release-name"]).toBeUndefined();
    const [record] = await home.records("app");
    expect(
      record?.hooks?.map(({ name, last_run, delete_policies }) => [name, last_run.phase, delete_policies]),
    ).toEqual([
      ["first", "Succeeded", ["hook-succeeded"]],
      ["second", "Succeeded", ["before-hook-creation"]],
    ]);
  });

  it("fail the action with them", async () => {
    await home.start();
    await home.publish(
      chartFiles("1.0.0", {
        "templates/bad.yaml": hook(
          "bad",
          { hook: "pre-install", "hook-delete-policy": "hook-failed" },
          "Pod",
        ),
      }),
    );
    const stop = endingPods();
    try {
      await home.release("app", { timeout: "5s" });
      await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    } finally {
      stop();
    }
    expect(await home.message("app", "Released")).toContain(
      "failed pre-install: failed early due to stalled resources: [Pod/flux-system/bad status: 'Failed'",
    );
    expect(await home.get("v1", "ConfigMap", "app-config")).toBeUndefined();
    await until(async () => (await home.get("v1", "Pod", "bad")) === undefined);
  });

  it("are left out where the spec says so", async () => {
    await home.start();
    await home.publish(
      chartFiles("1.0.0", { "templates/bad.yaml": hook("bad", { hook: "pre-install" }, "Pod") }),
    );
    await home.release("app", { install: { disableHooks: true } });
    await home.untilReady("app");
    expect(await home.get("v1", "Pod", "bad")).toBeUndefined();
  });
});

describe("tests of a chart", () => {
  const good = { "templates/test.yaml": hook("app-good", { hook: "test" }, "Pod") };
  const bad = { "templates/test.yaml": hook("app-bad", { hook: "test" }, "Pod") };

  it("run after the release and are told of in the history", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", good));
    const stop = endingPods();
    try {
      await home.release("app", { test: { enable: true } });
      await home.untilCondition("app", "True TestSucceeded", "TestSuccess");
      await home.untilReady("app");
    } finally {
      stop();
    }
    expect(await home.message("app")).toMatch(
      /^Helm test succeeded for release flux-system\/app\.v1 .*: 1 test hook completed successfully$/,
    );
    const { status } = await home.read("app");
    expect(status?.history?.[0]?.testHooks).toMatchObject({ "app-good": { phase: "Succeeded" } });
  });

  it("count as a failure of the release", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0"));
    const spec = { test: { enable: true }, upgrade: { remediation: { remediateLastFailure: true } } };
    const stop = endingPods();
    try {
      await home.release("app", spec);
      await home.untilReady("app");
      expect(await home.message("app")).toContain("no test hooks");
      await home.publish(chartFiles("1.1.0", bad));
      await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    } finally {
      stop();
    }
    expect(await home.condition("app", "Remediated")).toBe("True RollbackSucceeded");
    expect(await home.history("app")).toBe("1 superseded, 2 superseded, 3 deployed");
    const failed = await home.events("app");
    expect(
      failed.some((event) =>
        event.startsWith("Warning TestFailed: Helm test failed for release flux-system/app.v2"),
      ),
    ).toBe(true);
  });

  it("do not count where their failures are ignored", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", bad));
    const stop = endingPods();
    try {
      await home.release("app", { test: { enable: true, ignoreFailures: true } });
      await home.untilReady("app");
    } finally {
      stop();
    }
    expect(await home.condition("app")).toBe("True InstallSucceeded");
    expect(await home.condition("app", "TestSuccess")).toBe("False TestFailed");
  });
});

describe("drift", () => {
  const config = { apiVersion: "v1", kind: "ConfigMap", namespace: "flux-system", name: "app-config" };
  const edit = (body: unknown) =>
    home.client.patch(config, { type: "merge", body }, { fieldManager: "somebody" });
  const message = async () =>
    ((await home.get("v1", "ConfigMap", "app-config"))?.["data"] as { message?: string })?.message;

  async function installed(driftDetection: Record<string, unknown>) {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { driftDetection });
    await home.untilReady("app");
    await home.idle();
  }

  it("is put right at once, and told of", async () => {
    await installed({ mode: "enabled" });
    await edit({ data: { message: "edited" } });
    await until(async () => (await message()) === "hello");
    await home.idle();
    await home.client.delete(config);
    await until(async () => (await message()) === "hello");
    await home.idle();
    const events = await home.events("app");
    expect(events.filter((event) => event.includes("Drift"))).toEqual([
      "Warning DriftDetected: Cluster state of release flux-system/app.v1 has drifted from the desired state:\nConfigMap/flux-system/app-config changed (0 additions, 1 changes, 0 removals)",
      "Normal DriftCorrected: Cluster state of release flux-system/app.v1 has been corrected:\nConfigMap/flux-system/app-config configured",
      "Warning DriftDetected: Cluster state of release flux-system/app.v1 has drifted from the desired state:\nConfigMap/flux-system/app-config removed",
      "Normal DriftCorrected: Cluster state of release flux-system/app.v1 has been corrected:\nConfigMap/flux-system/app-config created",
    ]);
    expect(await home.condition("app", "Drifted")).toBe("False NoDriftDetected");
    expect(await home.condition("app")).toBe("True InstallSucceeded");
    expect(await home.history("app")).toBe("1 deployed");
  });

  it("is only told of in mode warn", async () => {
    await installed({ mode: "warn" });
    await edit({ data: { message: "edited" } });
    await home.untilCondition("app", "True DriftDetected", "Drifted");
    expect(await message()).toBe("edited");
    expect(await home.condition("app")).toBe("True InstallSucceeded");
  });

  it("is none in ignored fields, in excluded objects, in what others add", async () => {
    await installed({
      mode: "enabled",
      ignore: [{ paths: ["/data/message"], target: { kind: "ConfigMap" } }],
    });
    await edit({ data: { message: "edited" }, metadata: { labels: { theirs: "yes" } } });
    await home.idle();
    expect(await message()).toBe("edited");
    await edit({
      data: { version: "9" },
      metadata: { annotations: { "helm.toolkit.fluxcd.io/driftDetection": "disabled" } },
    });
    await home.idle();
    expect((await home.get("v1", "ConfigMap", "app-config"))?.["data"]).toMatchObject({ version: "9" });
    expect(await home.condition("app", "Drifted")).toBe("False NoDriftDetected");
  });
});

describe("the release's target", () => {
  it("goes to another namespace with everything, the former release is uninstalled", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    await home.release("app", { targetNamespace: "apps", storageNamespace: "apps" });
    const { status } = await home.untilReady("app");
    expect(status).toMatchObject({ storageNamespace: "apps" });
    expect(status?.history?.[0]).toMatchObject({ name: "apps-app", namespace: "apps", version: 1 });
    expect(await home.history("app")).toBe("");
    expect(await home.history("apps-app", "apps")).toBe("1 deployed");
    expect(await home.get("v1", "ConfigMap", "app-config")).toBeUndefined();
    expect(await home.get("v1", "ConfigMap", "apps-app-config", "apps")).toBeDefined();
  });

  it("is made where it does not exist, if the spec says so", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("without", { targetNamespace: "absent" });
    await home.untilCondition("without", "False InstallFailed");
    expect(await home.message("without")).toContain('namespaces "absent" not found');
    await home.release("app", { targetNamespace: "fresh", install: { createNamespace: true } });
    await home.untilReady("app");
    expect((await home.get("v1", "Namespace", "fresh"))?.metadata.labels).toMatchObject({ name: "fresh" });
  });
});

describe("deletion", () => {
  it("uninstalls the release and forgets it", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", { "templates/h.yaml": hook("bye", { hook: "pre-delete" }) }));
    await home.release("app");
    await home.untilReady("app");
    await home.client.delete({ ...HELM_RELEASE, name: "app" });
    await until(async () => (await home.client.tryGet({ ...HELM_RELEASE, name: "app" })) === undefined);
    expect(await home.get("v1", "ConfigMap", "app-config")).toBeUndefined();
    expect(await home.get("v1", "ConfigMap", "bye")).toBeDefined();
    expect(await home.history("app")).toBe("");
  });

  it("keeps the history where it is told to", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { uninstall: { keepHistory: true } });
    await home.untilReady("app");
    await home.client.delete({ ...HELM_RELEASE, name: "app" });
    await until(async () => (await home.client.tryGet({ ...HELM_RELEASE, name: "app" })) === undefined);
    expect(await home.history("app")).toBe("1 uninstalled");
  });

  it("leaves everything of a suspended one", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    await home.release("app", { suspend: true });
    await home.client.delete({ ...HELM_RELEASE, name: "app" });
    await until(async () => (await home.client.tryGet({ ...HELM_RELEASE, name: "app" })) === undefined);
    expect(await home.history("app")).toBe("1 deployed");
    expect(await home.get("v1", "ConfigMap", "app-config")).toBeDefined();
  });
});

describe("prerequisites", () => {
  it("waits for its chart, and says so", async () => {
    await home.start();
    await home.release("app");
    await home.untilCondition("app", "False ArtifactFailed");
    await home.client.create({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "OCIRepository",
      metadata: { namespace: "flux-system", name: "chart" },
      spec: {},
    });
    await home.untilCondition("app", "False SourceNotReady");
    expect(await home.message("app")).toBe(
      "OCIRepository 'flux-system/chart' is not ready: latest generation of object has not been reconciled",
    );
    await home.publish(chartFiles());
    await home.untilReady("app");
  });

  it("waits for what it depends on", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { dependsOn: [{ name: "base" }] });
    await home.untilCondition("app", "False DependencyNotReady");
    expect(await home.message("app")).toContain("unable to get 'flux-system/base' dependency");
    await home.release("base");
    await home.untilReady("app");
  });

  it("refuses expressions that do not compile until they are changed", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app", { healthCheckExprs: [{ apiVersion: "v1", kind: "X", current: "][" }] });
    await home.untilCondition("app", "True InvalidCELExpression", "Stalled");
    expect(await home.message("app")).toContain(
      "Reconciliation failed terminally due to configuration error: ",
    );
  });

  it("makes the HelmChart that the spec declares, and deletes it when it is not wanted any more", async () => {
    await home.start();
    const chart = {
      spec: { chart: "app", version: "1.x", sourceRef: { kind: "HelmRepository", name: "repo" } },
    };
    await home.release("app", { chart });
    await home.untilCondition("app", "False SourceNotReady");
    const made = await home.get("source.toolkit.fluxcd.io/v1", "HelmChart", "flux-system-app");
    expect(made).toMatchObject({
      metadata: {
        labels: { "helm.toolkit.fluxcd.io/name": "app", "helm.toolkit.fluxcd.io/namespace": "flux-system" },
      },
      spec: {
        chart: "app",
        version: "1.x",
        interval: "10m",
        reconcileStrategy: "ChartVersion",
        sourceRef: { kind: "HelmRepository", name: "repo" },
      },
    });
    expect((await home.read("app")).status?.helmChart).toBe("flux-system/flux-system-app");
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    expect(await home.get("source.toolkit.fluxcd.io/v1", "HelmChart", "flux-system-app")).toBeUndefined();
    expect((await home.read("app")).status?.helmChart).toBeUndefined();
  });
});

describe("what is rendered", () => {
  it("knows the cluster, looks objects up, and passes the post-renderers", async () => {
    await home.start();
    await home.client.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "flux-system", name: "there" },
      data: { k: "found" },
    });
    await home.publish(
      chartFiles("1.0.0", {
        "templates/config.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: app-config}
data:
  found: {{ (lookup "v1" "ConfigMap" "flux-system" "there").data.k | quote }}
  missing: {{ lookup "v1" "ConfigMap" "flux-system" "absent" | empty | quote }}
  count: {{ len (lookup "v1" "ConfigMap" "flux-system" "").items | int | le 1 | quote }}
  apis: {{ .Capabilities.APIVersions.Has "helm.toolkit.fluxcd.io/v2/HelmRelease" | quote }}
`,
      }),
    );
    await home.release("app", {
      commonMetadata: { labels: { team: "a" }, annotations: { note: "b" } },
      postRenderers: [
        {
          kustomize: {
            patches: [
              { target: { kind: "ConfigMap" }, patch: '- op: add\n  path: /data/patched\n  value: "yes"\n' },
            ],
          },
        },
      ],
    });
    await home.untilReady("app");
    const config = await home.get("v1", "ConfigMap", "app-config");
    expect(config?.["data"]).toEqual({
      found: "found",
      missing: "true",
      count: "true",
      apis: "true",
      patched: "yes",
    });
    expect(config?.metadata.labels).toMatchObject({ team: "a", "helm.toolkit.fluxcd.io/name": "app" });
    expect(config?.metadata.annotations).toMatchObject({ note: "b" });
    await home.release("app", { commonMetadata: { labels: { team: "c" } } });
    await home.untilReady("app");
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
  });

  it("applies definitions of the chart first, and knows their kinds then", async () => {
    await home.start();
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`;
    await home.publish(
      chartFiles("1.0.0", {
        "crds/widget.yaml": crd,
        "templates/widget.yaml": `{{ if .Capabilities.APIVersions.Has "example.com/v1/Widget" }}
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
{{ end }}`,
      }),
    );
    await home.release("app");
    const { status } = await home.untilReady("app");
    expect(status?.inventory?.entries.map(({ id }) => id).sort()).toEqual([
      "_widgets.example.com_apiextensions.k8s.io_CustomResourceDefinition",
      "flux-system_app-config__ConfigMap",
      "flux-system_w_example.com_Widget",
    ]);
  });
});

describe("objects that are applied by the client", () => {
  const DEPLOYMENT = {
    "templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "nginx:{{ .Values.tag | default "1" }}"}
        {{- if .Values.second }}
        - {name: second, image: "busybox:1"}
        {{- end }}
`,
  };
  const deployment = async () => {
    const live = await home.client.get({
      apiVersion: "apps/v1",
      kind: "Deployment",
      namespace: "flux-system",
      name: "web",
    });
    const { containers } = (
      live["spec"] as { template: { spec: { containers: { name: string; image: string }[] } } }
    ).template.spec;
    return containers.map(({ name, image }) => `${name}=${image}`).sort();
  };

  it("keep what others added to their lists, and lose what the chart no longer has", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    const install = { serverSideApply: false };
    const quick = { install: { ...install, disableWait: true }, upgrade: { disableWait: true } };
    await home.release("app", { ...quick, values: { second: true } });
    await home.untilReady("app");
    const [first] = await home.records("app");
    expect(first?.apply_method).toBe("csa");
    const sidecar = { spec: { template: { spec: { containers: [{ name: "sidecar", image: "proxy:1" }] } } } };
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "flux-system", name: "web" };
    await home.client.patch(ref, { type: "strategic", body: sidecar }, { fieldManager: "injector" });
    await home.release("app", { ...quick, values: { tag: "2" } });
    await home.untilReady("app");
    expect(await deployment()).toEqual(["sidecar=proxy:1", "web=nginx:2"]);
    expect((await home.records("app")).at(-1)?.apply_method).toBe("csa");
  });

  it("become the server's to merge when the spec says so", async () => {
    await home.start();
    await home.publish(chartFiles("1.0.0", DEPLOYMENT));
    await home.release("app", {
      install: { serverSideApply: false, disableWait: true },
      values: { second: true },
    });
    await home.untilReady("app");
    await home.release("app", {
      upgrade: { serverSideApply: "enabled", disableWait: true },
      values: { tag: "2" },
    });
    await home.untilReady("app");
    expect(await deployment()).toEqual(["web=nginx:2"]);
    expect((await home.records("app")).at(-1)?.apply_method).toBe("ssa");
    const live = await home.get("apps/v1", "Deployment", "web");
    const own = live?.metadata.managedFields?.filter(
      ({ manager, subresource }) => manager === "helm-controller" && !subresource,
    );
    expect(own?.map(({ operation }) => operation)).toEqual(["Apply"]);
  });
});

describe("what the real helm has applied", () => {
  it("goes with the chart that had it", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    const config = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "flux-system", name: "app-config" },
    };
    await home.client.apply({ ...config, data: { old: "theirs" } }, { fieldManager: "helm" });
    await home.client.apply({ ...config, data: { more: "others" } }, { fieldManager: "somebody" });
    await home.release("app", { values: { message: "b" } });
    await home.untilReady("app");
    const live = await home.get("v1", "ConfigMap", "app-config");
    expect(live?.["data"]).toMatchObject({ message: "b", more: "others" });
    expect(live?.["data"]).not.toHaveProperty("old");
    expect(live?.metadata.managedFields?.map(({ manager }) => manager).sort()).toEqual([
      "helm-controller",
      "somebody",
    ]);
  });
});

describe("requests by annotation", () => {
  const ask = (token: string, what: string) =>
    home.annotate("app", {
      "reconcile.fluxcd.io/requestedAt": token,
      [`reconcile.fluxcd.io/${what}`]: token,
    });

  it("force one upgrade of a release that is in sync", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    await home.annotate("app", { "reconcile.fluxcd.io/forceAt": "other" });
    await home.idle();
    expect(await home.history("app")).toBe("1 deployed");
    await ask("1", "forceAt");
    await until(async () => (await home.read("app")).status?.lastHandledForceAt === "1");
    await home.idle();
    expect(await home.history("app")).toBe("1 superseded, 2 deployed");
  });

  it("reset the failures of one that ran out of attempts", async () => {
    await home.start();
    await home.publish(
      chartFiles("1.0.0", { "templates/bad.yaml": hook("bad", { hook: "pre-install,pre-upgrade" }, "Pod") }),
    );
    await home.release("app", { timeout: "100ms" });
    await home.untilCondition("app", "True RetriesExceeded", "Stalled");
    const stop = endingPods();
    try {
      await home.client.delete({ apiVersion: "v1", kind: "Pod", namespace: "flux-system", name: "bad" });
      await ask("1", "resetAt");
      await until(async () => (await home.history("app")).startsWith("1 failed, 2 "));
    } finally {
      stop();
    }
  });
});

describe("who releases", () => {
  it("is the service account that the spec names, for objects, records and lookups", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.client.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { namespace: "flux-system", name: "limited" },
    });
    await home.release("app", { serviceAccountName: "limited" });
    await home.untilCondition("app", "False InstallFailed");
    expect(await home.message("app")).toContain(
      'User "system:serviceaccount:flux-system:limited" cannot get resource "configmaps"',
    );
    await home.client.create({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { namespace: "flux-system", name: "limited" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
      subjects: [{ kind: "ServiceAccount", namespace: "flux-system", name: "limited" }],
    });
    await home.untilReady("app");
  });

  it("leaves a release whose service account is gone", async () => {
    await home.start();
    await home.publish(chartFiles());
    await home.release("app");
    await home.untilReady("app");
    await home.release("app", { serviceAccountName: "gone" });
    await home.client.delete({ ...HELM_RELEASE, name: "app" });
    await until(async () => (await home.client.tryGet({ ...HELM_RELEASE, name: "app" })) === undefined);
    expect(await home.history("app")).toBe("1 deployed");
  });
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { until } from "./support/run.js";

const scratch = temporaryDirectory();
let home: Capstan;
const kubectl = (...args: string[]) => home.kubectl(args);

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "nginx:1.28"}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels: {app: web}
data: {colour: blue}
`;

beforeAll(async () => {
  const repository = await LocalRepository.create(join(scratch.path, "repo"));
  await repository.commit({
    "kept.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n",
  });
  home = await Capstan.up(join(scratch.path, "data"), [repository.path]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

describe("kubectl applies", () => {
  it("creates, leaves unchanged and configures client-side", async () => {
    expect(await home.apply(manifest)).toBe("deployment.apps/web created\nconfigmap/settings created\n");
    expect(await home.apply(manifest)).toBe("deployment.apps/web unchanged\nconfigmap/settings unchanged\n");
    expect(await home.apply(manifest.replace("blue", "red"))).toContain("configmap/settings configured");
    expect(await kubectl("rollout", "status", "deployment/web", "--timeout=30s")).toContain(
      "successfully rolled out",
    );
  });

  it("applies server-side, and names the manager that a conflict is with", async () => {
    const object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\ndata: {a: one}\n";
    const as = (manager: string, ...more: string[]) => [
      "apply",
      "--server-side",
      `--field-manager=${manager}`,
      ...more,
      "-f",
      "-",
    ];
    expect(await home.kubectl(as("first"), { input: object })).toContain("serverside-applied");
    const refused = await home.tryKubectl(as("second"), { input: object.replace("one", "two") });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('conflict with "first": .data.a');
    await home.kubectl(as("second", "--force-conflicts"), { input: object.replace("one", "two") });
    expect((await home.get("configmap", "owned"))?.data).toEqual({ a: "two" });
  });

  it("shows a difference, and ends with 1 for it", async () => {
    const changed = await home.tryKubectl(["diff", "-f", "-"], { input: manifest.replace("blue", "green") });
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain("-  colour: red");
    expect(changed.stdout).toContain("+  colour: green");
    const same = await home.tryKubectl(["diff", "-f", "-"], { input: manifest.replace("blue", "red") });
    expect({ code: same.code, stdout: same.stdout }).toEqual({ code: 0, stdout: "" });
  });
});

describe("kubectl get", () => {
  it("prints the columns that people know", async () => {
    const [heading, row] = (await kubectl("get", "deployment", "web", "-o", "wide")).trim().split("\n");
    expect(heading?.split(/\s{2,}/)).toEqual([
      "NAME",
      "READY",
      "UP-TO-DATE",
      "AVAILABLE",
      "AGE",
      "CONTAINERS",
      "IMAGES",
      "SELECTOR",
    ]);
    expect(row).toMatch(/^web\s+2\/2\s+2\s+2\s+\S+\s+web\s+nginx:1\.28\s+app=web$/);
    expect(await kubectl("get", "pods", "-l", "app=web")).toMatch(
      /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\nweb-/,
    );
  });

  it("prints yaml, json and jsonpath", async () => {
    expect(await kubectl("get", "configmap", "settings", "-o", "yaml")).toMatch(
      /^apiVersion: v1\ndata:\n {2}colour: red\nkind: ConfigMap\nmetadata:\n/,
    );
    expect(JSON.parse(await kubectl("get", "configmap", "settings", "-o", "json"))).toMatchObject({
      apiVersion: "v1",
      kind: "ConfigMap",
      data: { colour: "red" },
    });
    expect(
      await kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}"),
    ).toBe("nginx:1.28");
  });

  it("selects by label, and across namespaces", async () => {
    expect(await kubectl("get", "configmap", "-l", "app=web", "-o", "name")).toBe("configmap/settings\n");
    expect(await kubectl("get", "configmap", "-l", "app notin (web)", "-o", "name")).not.toContain(
      "settings",
    );
    expect(await kubectl("get", "configmap", "-A", "--field-selector=metadata.name=settings")).toMatch(
      /^NAMESPACE\s+NAME\s+DATA\s+AGE\ndefault\s+settings\s+1/,
    );
    const all = await kubectl("get", "gitrepositories,kustomizations", "-A");
    expect(all).toContain("gitrepository.source.toolkit.fluxcd.io/repo");
    expect(all).toContain("kustomization.kustomize.toolkit.fluxcd.io/repo");
  });

  it("watches", async () => {
    await home.apply({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "watched" },
      data: { n: "1" },
    });
    const watch = home.start(["get", "configmap", "watched", "-w", "-o", "jsonpath={.data.n} "]);
    try {
      await until("the watch shows the object", () => watch.output() === "1 ");
      await kubectl("patch", "configmap", "watched", "-p", '{"data":{"n":"2"}}');
      await until("the watch shows the change", () => watch.output() === "1 2 ");
    } finally {
      watch.stop();
    }
  });

  it("says what is not there", async () => {
    const missing = await home.tryKubectl(["get", "configmap", "nothing"]);
    expect(missing).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): configmaps "nothing" not found\n',
    });
  });
});

describe("kubectl changes", () => {
  it("patches in three ways", async () => {
    await kubectl("patch", "configmap", "settings", "--type=merge", "-p", '{"data":{"size":"big"}}');
    await kubectl(
      "patch",
      "configmap",
      "settings",
      "--type=json",
      "-p",
      '[{"op":"test","path":"/data/size","value":"big"},{"op":"remove","path":"/data/size"},{"op":"add","path":"/data/shape","value":"round"}]',
    );
    expect((await home.get("configmap", "settings"))?.data).toEqual({ colour: "red", shape: "round" });
    await kubectl(
      "patch",
      "deployment",
      "web",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}',
    );
    expect((await home.get("deployment", "web"))?.spec.template.spec.containers).toMatchObject([
      { name: "web", image: "nginx:1.28", env: [{ name: "A", value: "1" }] },
    ]);
  });

  it("edits, labels, annotates and scales", async () => {
    await home.kubectl(["edit", "configmap", "settings"], {
      env: { ...home.environment, KUBE_EDITOR: "sed -i -e s/red/violet/" },
    });
    await kubectl("label", "configmap", "settings", "tier=front");
    await kubectl("annotate", "configmap", "settings", "note=hello");
    expect(await home.get("configmap", "settings")).toMatchObject({
      data: { colour: "violet" },
      metadata: { labels: { app: "web", tier: "front" }, annotations: { note: "hello" } },
    });
    await kubectl("scale", "deployment", "web", "--replicas=3");
    await kubectl("wait", "deployment/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=30s");
    await kubectl("wait", "deployment/web", "--for=condition=Available", "--timeout=30s");
  });

  it("rolls out, tells its history, undoes and restarts", async () => {
    await kubectl("set", "image", "deployment/web", "web=nginx:1.29");
    await kubectl("rollout", "status", "deployment/web", "--timeout=30s");
    expect(await kubectl("rollout", "history", "deployment/web")).toMatch(
      /REVISION\s+CHANGE-CAUSE\n1 .*\n2 .*\n3 /,
    );
    await kubectl("rollout", "undo", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", "--timeout=30s");
    expect((await home.get("deployment", "web"))?.spec.template.spec.containers[0].image).toBe("nginx:1.28");
    await kubectl("rollout", "restart", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", "--timeout=30s");
    expect((await home.get("deployment", "web"))?.spec.template.metadata.annotations).toHaveProperty([
      "kubectl.kubernetes.io/restartedAt",
    ]);
  });

  it("deletes with what belongs to it, and waits for it", async () => {
    await kubectl("create", "deployment", "short", "--image=nginx:1.29");
    await kubectl("rollout", "status", "deployment/short", "--timeout=30s");
    expect(await kubectl("delete", "deployment", "short", "--cascade=foreground")).toContain(
      '"short" deleted',
    );
    expect(await kubectl("get", "replicasets,pods", "-l", "app=short", "-o", "name")).toBe("");
    await kubectl("create", "namespace", "passing");
    await kubectl("create", "configmap", "inside", "-n", "passing");
    await kubectl("delete", "namespace", "passing", "--timeout=30s");
    expect(await home.get("configmap", "inside", "passing")).toBeUndefined();
  });
});

describe("kubectl asks", () => {
  it("explains, and lists what is served", async () => {
    expect(await kubectl("explain", "deployment.spec.replicas")).toMatch(/FIELD: replicas <integer>/);
    expect(await kubectl("explain", "kustomization.spec.prune")).toMatch(/FIELD: prune <boolean>/);
    const served = await kubectl("api-resources", "--no-headers");
    expect(served).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m);
    expect(served).toMatch(
      /^kustomizations\s+ks\s+kustomize\.toolkit\.fluxcd\.io\/v1\s+true\s+Kustomization$/m,
    );
    expect(await kubectl("version")).toMatch(/Server Version: v1\.35/);
  });

  it("describes, shows events and logs", async () => {
    expect(await kubectl("describe", "deployment", "web")).toMatch(
      /Replicas:\s+3 desired \| 3 updated \| 3 total/,
    );
    expect(await kubectl("events", "--for", "deployment/web")).toContain("ScalingReplicaSet");
    const pod = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}");
    expect(await kubectl("logs", pod)).not.toBe("");
  });

  it("knows who may do what", async () => {
    expect(await kubectl("auth", "can-i", "create", "deployments")).toBe("yes\n");
    const other = await home.tryKubectl(["auth", "can-i", "delete", "pods", "--as=nobody"]);
    expect(other).toMatchObject({ code: 1, stdout: "no\n" });
    const refused = await home.tryKubectl(["get", "secrets", "--as=nobody"]);
    expect(refused.stderr).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "nobody" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    );
  });
});

describe("helm", () => {
  it("installs, upgrades, rolls back and uninstalls a chart", async () => {
    const chart = join(scratch.path, "chart");
    mkdirSync(join(chart, "templates"), { recursive: true });
    writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\nname: tiny\nversion: 1.2.3\n");
    writeFileSync(join(chart, "values.yaml"), "word: first\n");
    writeFileSync(
      join(chart, "templates/map.yaml"),
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-map\ndata:\n  word: {{ .Values.word }}\n",
    );
    const word = async () => (await home.get("configmap", "rel-map"))?.data?.["word"];
    expect(await home.helm(["install", "rel", chart])).toContain("STATUS: deployed");
    expect(await word()).toBe("first");
    await home.helm(["upgrade", "rel", chart, "--set", "word=second"]);
    expect(await word()).toBe("second");
    await home.helm(["rollback", "rel", "1"]);
    expect(await word()).toBe("first");
    expect(await home.helm(["list"])).toMatch(/rel\s+default\s+3\s/);
    await home.helm(["uninstall", "rel"]);
    expect(await word()).toBeUndefined();
  });
});

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, type LiveObject, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { until } from "./support/run.js";

const scratch = temporaryDirectory();
const dataDir = join(scratch.path, "data");
let home: Capstan;
let charts: LocalRepository;

interface Revision {
  readonly revision: number;
  readonly status: string;
  readonly chart: string;
  readonly description: string;
}

const CHART = {
  "charts/app/values.yaml": 'replicas: 1\nsimulate: ""\nreadyAfter: 0s\ntestFor: 100ms\nmessage: hello\n',
  "charts/app/templates/config.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {message: {{ .Values.message | quote }}}\n",
  "charts/app/templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  progressDeadlineSeconds: 2
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations:
        capstan.dev/simulate: {{ .Values.simulate | quote }}
        capstan.dev/simulate-ready-after: {{ .Values.readyAfter | quote }}
    spec: {containers: [{name: web, image: "nginx:1"}]}
`,
  "charts/app/templates/hooks.yaml": `{{ range $event := list "pre-install" "post-install" "pre-upgrade" "post-upgrade" "pre-rollback" "pre-delete" "post-delete" }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $.Release.Name }}-{{ $event }}
  annotations: {helm.sh/hook: {{ $event }}, helm.sh/hook-delete-policy: "before-hook-creation"}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {capstan.dev/simulate-run-for: 500ms}}
    spec: {restartPolicy: Never, containers: [{name: hook, image: "busybox:1"}]}
{{ end }}`,
  "charts/app/templates/test.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test, capstan.dev/simulate-run-for: {{ .Values.testFor }}}
spec: {restartPolicy: Never, containers: [{name: test, image: "busybox:1"}]}
`,
};

const metadata = (version: string) => ({
  "charts/app/Chart.yaml": `apiVersion: v2\nname: app\nversion: ${version}\nappVersion: "${version}"\n`,
});

function release(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name, namespace: "default" },
    spec: {
      interval: "10m",
      timeout: "30s",
      chart: {
        spec: { chart: "./charts/app", interval: "1s", sourceRef: { kind: "GitRepository", name: "charts" } },
      },
      ...spec,
    },
  };
}

const source = () => ({
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "GitRepository",
  metadata: { name: "charts", namespace: "default" },
  spec: { interval: "1s", url: `file://${charts.path}`, ref: { branch: "main" } },
});

async function history(name: string): Promise<readonly Revision[]> {
  return JSON.parse(await home.helm(["history", name, "-o", "json"])) as Revision[];
}

const states = async (name: string) =>
  (await history(name)).map(({ revision, status }) => `${revision} ${status}`).join(", ");

function conditionOf(object: LiveObject, type: string): string {
  const found = object.status?.conditions?.find((each: { type: string }) => each.type === type);
  return found === undefined ? "" : `${found.status} ${found.reason}`;
}

const has = (name: string, type: string, state: string) =>
  home.has("helmrelease", name, "default", (object) => conditionOf(object, type) === state, 60_000);

const isReady = (name: string) =>
  home.has(
    "helmrelease",
    name,
    "default",
    (object) =>
      conditionOf(object, "Ready").startsWith("True ") &&
      object.status.observedGeneration === object.metadata.generation,
    60_000,
  );

beforeAll(async () => {
  charts = await LocalRepository.create(join(scratch.path, "charts"));
  await charts.commit({ ...CHART, ...metadata("1.0.0") });
  home = await Capstan.up(dataDir);
  await home.apply(source());
});
afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

describe("a release, from install to uninstall, with the real helm agreeing", () => {
  const remediation = { upgrade: { remediation: { retries: 0, remediateLastFailure: true } } };
  const spec = { ...remediation, test: { enable: true }, values: { message: "one" } };

  it("is installed, its hooks and tests run", async () => {
    await home.apply(release("web", spec));
    await isReady("web");
    expect(await states("web")).toBe("1 deployed");
    expect((await history("web"))[0]).toMatchObject({ chart: "app-1.0.0", description: "Install complete" });
    const status = await home.helm(["status", "web"]);
    expect(status).toContain("STATUS: deployed");
    expect(status).toContain("TEST SUITE:     web-test");
    expect(status).toContain("Phase:          Succeeded");
    expect(JSON.parse(await home.helm(["get", "values", "web", "-o", "json"]))).toEqual({ message: "one" });
    const manifest = await home.helm(["get", "manifest", "web"]);
    expect(manifest).toContain("# Source: app/templates/config.yaml");
    expect(manifest).not.toContain("helm.sh/hook");
    expect(await home.helm(["get", "hooks", "web"])).toContain("helm.sh/hook: pre-install");
    expect(JSON.parse(await home.helm(["list", "-o", "json"]))[0]).toMatchObject({
      name: "web",
      revision: "1",
      status: "deployed",
    });
    await home.get("job", "web-pre-install").then((job) => expect(job?.status.succeeded).toBe(1));
  });

  it("is upgraded when Git changes", async () => {
    await charts.commit(metadata("1.1.0"));
    await until(
      "the upgrade is deployed",
      async () => (await states("web")) === "1 superseded, 2 deployed",
      60_000,
    );
    await isReady("web");
    expect((await history("web"))[1]).toMatchObject({ chart: "app-1.1.0", description: "Upgrade complete" });
  });

  it("is rolled back when an upgrade fails", async () => {
    await home.apply(release("web", { ...spec, values: { message: "two", simulate: "crash-loop" } }));
    await has("web", "Stalled", "True RetriesExceeded");
    expect(await states("web")).toBe("1 superseded, 2 superseded, 3 failed, 4 deployed");
    const [, , failed, back] = await history("web");
    expect(failed?.description).toContain(
      "Upgrade \"web\" failed: failed early due to stalled resources: [Deployment/default/web status: 'Failed'",
    );
    expect(back).toMatchObject({ chart: "app-1.1.0", description: "Rollback to 2" });
    expect(JSON.parse(await home.helm(["get", "values", "web", "-o", "json"]))).toEqual({ message: "one" });
    await home.has("deployment", "web", "default", (object) => object.status?.availableReplicas === 1);
  });

  it("is taken over from the real helm, and by it", async () => {
    await home.apply(release("web", { ...spec, values: { message: "three" } }));
    await isReady("web");
    expect(await states("web")).toBe("1 superseded, 2 superseded, 3 failed, 4 superseded, 5 deployed");
    await home.helm(["rollback", "web", "4", "--server-side=true", "--force-conflicts"]);
    expect((await home.get("configmap", "web"))?.data).toEqual({ message: "one" });
    await home.kubectl(["annotate", "helmrelease/web", "reconcile.fluxcd.io/requestedAt=1", "--overwrite"]);
    await until(
      "it is as declared again",
      async () => (await home.get("configmap", "web"))?.data?.["message"] === "three",
      60_000,
    );
    await isReady("web");
    const revisions = await history("web");
    expect(revisions.at(-1)).toMatchObject({ revision: 7, status: "deployed" });
  });

  it("is uninstalled with the object, and its hooks run", async () => {
    await home.kubectl(["delete", "helmrelease/web", "--timeout=60s"]);
    await home.gone("deployment", "web", "default");
    await home.gone("helmchart", "default-web", "default");
    expect((await home.get("job", "web-post-delete"))?.status.succeeded).toBe(1);
    expect(JSON.parse(await home.helm(["list", "-o", "json"]))).toEqual([]);
  });
});

describe("a release that the real helm has installed", () => {
  it("becomes the controller's, by the next revision", async () => {
    await home.helm(["install", "theirs", join(charts.path, "charts/app"), "--set", "message=theirs"]);
    await home.apply(release("theirs", { values: { message: "ours" } }));
    await isReady("theirs");
    expect(await states("theirs")).toBe("1 superseded, 2 deployed");
    expect((await home.get("configmap", "theirs"))?.data).toEqual({ message: "ours" });
    await home.kubectl(["delete", "helmrelease/theirs", "--timeout=60s"]);
  });
});

describe("the command line", () => {
  const onHome = ["--data-dir", dataDir, "-n", "default"];

  it("prints a chart as the real helm does", async () => {
    const chart = join(charts.path, "charts/app");
    const flags = ["web", chart, "--set", "replicas=2,message=a b", "-n", "apps", "--skip-tests"];
    expect((await capstan(["template", ...flags])).stdout).toBe(await home.helm(["template", ...flags]));
    const failed = await capstan(["template", "web", join(charts.path, "absent")]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("not found");
  });

  it("shows, builds, compares and reconciles a release", async () => {
    await home.apply(release("cli", { values: { message: "one" } }));
    await isReady("cli");
    const listed = await capstan(["get", "helmreleases", "cli", ...onHome]);
    expect(listed.stdout).toMatch(/cli\s+1\.1\.0\s+False\s+True\s+Helm install succeeded/);
    const built = await capstan(["build", "helmrelease", "cli", ...onHome]);
    expect(built.stdout).toContain("# Source: app/templates/deployment.yaml");
    expect(built.stdout).toContain("message: one");
    const same = await capstan(["diff", "helmrelease/cli", ...onHome]);
    expect([same.code, same.stdout]).toEqual([0, ""]);
    await home.kubectl(["patch", "configmap/cli", "--type=merge", "-p", '{"data":{"message":"edited"}}']);
    const differs = await capstan(["diff", "helmrelease/cli", ...onHome]);
    expect(differs.code).toBe(1);
    expect(differs.stdout).toContain("► ConfigMap/default/cli update");
    expect(differs.stdout).toContain("-  message: edited\n+  message: one");
    const forced = await capstan(["reconcile", "helmrelease/cli", "--force", ...onHome]);
    expect(forced.stderr).toContain("applied revision 1.1.0");
    expect(await states("cli")).toBe("1 superseded, 2 deployed");
    expect((await capstan(["suspend", "hr/cli", ...onHome])).code).toBe(0);
    expect((await capstan(["resume", "hr/cli", ...onHome])).code).toBe(0);
    await home.kubectl(["delete", "helmrelease/cli", "--timeout=60s"]);
  });
});

describe("a chart that never ends", () => {
  it("ends in a condition, and the process stays up", async () => {
    await charts.commit({
      "charts/endless/Chart.yaml": "apiVersion: v2\nname: endless\nversion: 1.0.0\n",
      "charts/endless/templates/loop.yaml":
        "{{ range until 100000 }}{{ range until 100000 }}{{ range until 100000 }}x{{ end }}{{ end }}{{ end }}",
    });
    const chart = {
      spec: {
        chart: "./charts/endless",
        interval: "1s",
        sourceRef: { kind: "GitRepository", name: "charts" },
      },
    };
    await home.apply(release("endless", { chart }));
    await has("endless", "Ready", "False InstallFailed");
    await home.kubectl(["delete", "helmrelease/endless", "--timeout=60s"]);
    await home.kubectl(["get", "namespaces"]);
  });
});

describe("kill -9 between the phases of a release", () => {
  const phase = (name: string, action: string, at: () => Promise<boolean>) =>
    it(`goes on after it, killed ${action}`, async () => {
      await until(`the moment to kill: ${action}`, at, 60_000);
      await home.stop("SIGKILL");
      home = await Capstan.up(dataDir);
      await isReady(name);
      const revisions = await history(name);
      const numbers = revisions.map(({ revision }) => revision);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(revisions.filter(({ status }) => status.startsWith("pending"))).toEqual([]);
      expect(revisions.filter(({ status }) => status === "deployed")).toHaveLength(1);
      expect(revisions.at(-1)?.status).toBe("deployed");
      const live = await home.get("helmrelease", name);
      expect(JSON.parse(await home.helm(["get", "values", name, "-o", "json"]))).toEqual(
        live?.spec?.["values"],
      );
      expect(await home.helm(["status", name])).toContain("STATUS: deployed");
    }, 120_000);

  const started = (job: string) => async () => (await home.get("job", job))?.status?.active === 1;
  const exists = (kind: string, name: string) => async () => (await home.get(kind, name)) !== undefined;

  describe("installed slowly", () => {
    beforeAll(async () => {
      await home.apply(release("slow", { values: { readyAfter: "1s" } }));
    });
    phase("slow", "while the pre-install hook runs", started("slow-pre-install"));
  });

  describe("waiting for health", () => {
    beforeAll(async () => {
      await home.apply(release("health", { values: { readyAfter: "2s" } }));
    });
    phase("health", "while the Deployment becomes ready", exists("deployment", "health"));
    phase("health", "when nothing is to be done", exists("deployment", "health"));
  });

  describe("upgraded", () => {
    beforeAll(async () => {
      await home.apply(release("up", { values: { message: "one" } }));
      await isReady("up");
      await home.apply(release("up", { values: { message: "two" } }));
    });
    phase("up", "while the pre-upgrade hook runs", started("up-pre-upgrade"));
    phase("up", "when that is done", exists("configmap", "up"));
  });

  describe("upgraded, and at its end", () => {
    beforeAll(async () => {
      await home.apply(release("late", { values: { message: "one" } }));
      await isReady("late");
      await home.apply(release("late", { values: { message: "two" } }));
    });
    phase("late", "while the post-upgrade hook runs", started("late-post-upgrade"));
  });

  describe("tested", () => {
    beforeAll(async () => {
      await home.apply(release("tried", { test: { enable: true }, values: { testFor: "3s" } }));
    });
    const runs = async () => (await home.get("pod", "tried-test"))?.status?.["phase"] === "Running";
    phase("tried", "while the test runs", runs);

    it("and the test came to its end", async () => {
      expect(await home.helm(["status", "tried"])).toContain("Phase:          Succeeded");
      expect(await states("tried")).toBe("1 deployed");
    });
  });

  it("rolls back what was being rolled back", async () => {
    const upgrade = { remediation: { retries: 0, remediateLastFailure: true } };
    await home.apply(release("back", { upgrade, values: { message: "good" } }));
    await isReady("back");
    await home.apply(release("back", { upgrade, values: { message: "bad", simulate: "crash-loop" } }));
    await until("the pre-rollback hook runs", started("back-pre-rollback"), 60_000);
    await home.stop("SIGKILL");
    home = await Capstan.up(dataDir);
    await has("back", "Stalled", "True RetriesExceeded");
    const revisions = await history("back");
    expect(revisions.map(({ revision }) => revision)).toEqual(revisions.map((_, index) => index + 1));
    expect(revisions.filter(({ status }) => status.startsWith("pending"))).toEqual([]);
    expect(revisions.at(-1)).toMatchObject({ status: "deployed", description: "Rollback to 1" });
    expect(JSON.parse(await home.helm(["get", "values", "back", "-o", "json"]))).toEqual({ message: "good" });
    await home.has("deployment", "back", "default", (object) => object.status?.availableReplicas === 1);
  }, 120_000);

  it("uninstalls what was being uninstalled", async () => {
    await home.kubectl(["delete", "helmrelease/up", "--wait=false"]);
    await until("the pre-delete hook runs", started("up-pre-delete"), 30_000);
    await home.stop("SIGKILL");
    home = await Capstan.up(dataDir);
    await home.gone("helmrelease", "up", "default");
    await home.gone("deployment", "up", "default");
  }, 90_000);
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { succeed, until } from "./support/run.js";

const apiScript = fileURLToPath(new URL("./support/api-only.mjs", import.meta.url));
const binary = fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
const kubectlBinary = process.env["CAPSTAN_KUBECTL"] ?? "kubectl";

interface Started {
  readonly child: ChildProcess;
  output(): string;
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

async function stop({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

const labels = { "sharding.fluxcd.io/key": "tenants" };

function object(apiVersion: string, kind: string, name: string, namespace: string, fields: object = {}) {
  return { apiVersion, kind, metadata: { name, namespace, labels }, ...fields };
}

function kustomization(name: string, namespace: string, spec: object = {}) {
  return object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, namespace, {
    spec: {
      interval: "10m",
      retryInterval: "1s",
      path: "./app",
      prune: true,
      targetNamespace: namespace,
      sourceRef: { kind: "GitRepository", name: "app" },
      ...spec,
    },
  });
}

/** Lets a service account of a namespace change ConfigMaps there, and nothing else. */
function editor(namespace: string, account: string) {
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["*"] }];
  return [
    object("v1", "ServiceAccount", account, namespace),
    object("rbac.authorization.k8s.io/v1", "Role", "editor", namespace, { rules }),
    object("rbac.authorization.k8s.io/v1", "RoleBinding", "editor", namespace, {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "editor" },
      subjects: [{ kind: "ServiceAccount", name: account, namespace }],
    }),
  ];
}

describe("tenants of controllers that are locked down, and clusters that they name", () => {
  const directory = temporaryDirectory();
  const path = (...parts: readonly string[]) => join(directory.path, ...parts);
  let here: Started;
  let there: Started;
  let controllers: Started;
  let repository: LocalRepository;

  const kubectl = (cluster: "here" | "there", args: readonly string[], objects?: readonly object[]) =>
    succeed(kubectlBinary, args, {
      env: { ...process.env, HOME: directory.path, KUBECONFIG: path(cluster, "kubeconfig") },
      ...(objects === undefined
        ? {}
        : { input: objects.map((each) => JSON.stringify(each)).join("\n---\n") }),
    });
  const apply = (objects: readonly object[]) => kubectl("here", ["apply", "-f", "-"], objects);
  const text = async (cluster: "here" | "there", namespace: string) =>
    kubectl(cluster, [
      "get",
      "configmap",
      "app",
      "-n",
      namespace,
      "--ignore-not-found",
      "-o",
      "jsonpath={.data.text}",
    ]);
  const ready = (name: string, namespace: string) =>
    kubectl("here", [
      "get",
      "kustomization",
      name,
      "-n",
      namespace,
      "-o",
      'jsonpath={.status.conditions[?(@.type=="Ready")].reason}: {.status.conditions[?(@.type=="Ready")].message}',
    ]);
  const becomes = (name: string, namespace: string, wanted: string) =>
    until(
      `${namespace}/${name} is ${wanted}`,
      async () => (await ready(name, namespace)).includes(wanted),
      60_000,
      () => ready(name, namespace),
    );

  beforeAll(async () => {
    here = start([apiScript, path("here")]);
    there = start([apiScript, path("there")]);
    await until(
      "both APIs serve",
      () => here.output().includes("serving") && there.output().includes("serving"),
    );
    const base = await LocalRepository.create(path("base"));
    await base.commit({
      "app/kustomization.yaml": "resources: [config.yaml]\n",
      "app/config.yaml":
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: based }\ndata: { from: elsewhere }\n",
    });
    repository = await LocalRepository.create(path("repository"));
    await repository.commit({
      "based/kustomization.yaml": `resources:\n- file://${base.path}//app?ref=main\n`,
      "app/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: app }\ndata: { text: one }\n",
      "rights/role.yaml":
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: more }\nrules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]\n",
    });
    controllers = start([
      binary,
      "controllers",
      ...["--kubeconfig", path("here", "kubeconfig"), "--data-dir", path("controllers")],
      ...["--storage-addr", "0", "--health-addr", "0", "--allow-local"],
      ...["--no-cross-namespace-refs", "--default-service-account", "default"],
      ...["--watch-label-selector", "sharding.fluxcd.io/key=tenants"],
      ...["--feature-gates", "ObjectLevelWorkloadIdentity=true"],
      "--remote-bases",
    ]);
    await until(
      "the controllers run",
      () => controllers.output().includes("reconciling"),
      30_000,
      controllers.output,
    );
    for (const namespace of ["team", "other"]) {
      await kubectl("here", ["create", "namespace", namespace]);
      await apply([
        object("source.toolkit.fluxcd.io/v1", "GitRepository", "app", namespace, {
          spec: { interval: "10m", url: `file://${repository.path}`, ref: { branch: "main" } },
        }),
      ]);
    }
    await kubectl("there", ["create", "namespace", "team"]);
  });
  afterAll(async () => {
    for (const each of [controllers, here, there]) if (each !== undefined) await stop(each);
    directory.remove();
  });

  it("apply as their own service account, and can do what it may", async () => {
    await apply([kustomization("own", "team", { serviceAccountName: "deployer" })]);
    await becomes("own", "team", 'User "system:serviceaccount:team:deployer" cannot');
    await apply(editor("team", "deployer"));
    await becomes("own", "team", "ReconciliationSucceeded");
    expect(await text("here", "team")).toBe("one");
    await apply([kustomization("greedy", "team", { serviceAccountName: "deployer", path: "./rights" })]);
    await becomes("greedy", "team", "ReconciliationFailed");
    expect(await ready("greedy", "team")).toContain("cannot");
  });

  it("apply as the default account where they name none, and see no other namespace's sources", async () => {
    await apply([kustomization("unnamed", "other")]);
    await becomes("unnamed", "other", 'User "system:serviceaccount:other:default" cannot');
    const sourceRef = { kind: "GitRepository", name: "app", namespace: "team" };
    await apply([kustomization("curious", "other", { sourceRef })]);
    await becomes(
      "curious",
      "other",
      "AccessDenied: can't access 'GitRepository/team/app', cross-namespace references have been blocked",
    );
  });

  it("reach the cluster of a kubeconfig in a Secret, as an account of that cluster", async () => {
    const value = readFileSync(path("there", "kubeconfig"), "utf8");
    await apply([
      object("v1", "Secret", "there", "team", { stringData: { value } }),
      kustomization("remote", "team", {
        kubeConfig: { secretRef: { name: "there" } },
        serviceAccountName: "deployer",
      }),
    ]);
    await becomes("remote", "team", 'User "system:serviceaccount:team:deployer" cannot');
    await kubectl("there", ["apply", "-f", "-"], editor("team", "deployer"));
    await becomes("remote", "team", "ReconciliationSucceeded");
    expect(await text("there", "team")).toBe("one");
    await kubectl("there", [
      "patch",
      "configmap",
      "app",
      "-n",
      "team",
      "--type=merge",
      "-p",
      '{"data":{"text":"by hand"}}',
    ]);
    await until("the edit is repaired", async () => (await text("there", "team")) === "one");
    await kubectl("here", ["delete", "kustomization", "remote", "-n", "team"]);
    expect(await text("there", "team")).toBe("");
    expect(await text("here", "team")).toBe("one");
  });

  it("reach a cluster that trusts a service account's token, by a ConfigMap", async () => {
    const kubeconfig = await kubectl("here", ["config", "view", "--raw", "-o", "json"]);
    const { server, "certificate-authority-data": ca = "" } = JSON.parse(kubeconfig).clusters[0].cluster;
    const token = await kubectl("here", ["create", "token", "deployer", "-n", "team"]);
    const { aud } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      aud: string[];
    };
    await apply([
      object("v1", "ConfigMap", "by-token", "team", {
        data: {
          provider: "generic",
          address: server,
          "ca.crt": Buffer.from(ca, "base64").toString(),
          audiences: aud.join("\n"),
          serviceAccountName: "deployer",
        },
      }),
      // What is applied goes by the token's own rights, and may impersonate nobody.
      kustomization("by-token", "team", { kubeConfig: { configMapRef: { name: "by-token" } } }),
    ]);
    await becomes("by-token", "team", 'User "system:serviceaccount:team:deployer" cannot impersonate');
    await apply([
      object("rbac.authorization.k8s.io/v1", "Role", "impersonator", "team", {
        rules: [{ apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] }],
      }),
      object("rbac.authorization.k8s.io/v1", "RoleBinding", "impersonator", "team", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "impersonator" },
        subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "team" }],
      }),
    ]);
    await becomes("by-token", "team", 'User "system:serviceaccount:team:default" cannot');
  });

  it("build on bases of other repositories where that is allowed", async () => {
    await apply([kustomization("based", "team", { serviceAccountName: "deployer", path: "./based" })]);
    await becomes("based", "team", "ReconciliationSucceeded");
    expect(
      await kubectl("here", ["get", "configmap", "based", "-n", "team", "-o", "jsonpath={.data.from}"]),
    ).toBe("elsewhere");
  });

  it("leave alone what belongs to another shard", async () => {
    const unlabelled = kustomization("unlabelled", "team");
    await apply([{ ...unlabelled, metadata: { name: "unlabelled", namespace: "team" } }]);
    await apply([
      kustomization("labelled", "team", {
        serviceAccountName: "deployer",
        targetNamespace: "team",
        namePrefix: "x-",
      }),
    ]);
    await becomes("labelled", "team", "ReconciliationSucceeded");
    expect(await ready("unlabelled", "team")).toBe(": ");
  });
});

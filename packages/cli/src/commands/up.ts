import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Client } from "@capstan/controller";
import { DEFAULT_NAMESPACE_ANNOTATION } from "@capstan/delivery";
import { redactUrl } from "@capstan/git";
import { formatTime, type KubeObject } from "@capstan/kube";
import { dataDirectory, removeState, writeState } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import { FLUX_SYNC, isFluxSync } from "../flux-sync.js";
import { auditOptions } from "../home/audit-options.js";
import { type EmbeddedHome, startEmbeddedHome } from "../home/embedded.js";
import { OWN_MANAGER } from "../home/reconcilers.js";
import type { SourceFlags } from "../home/source-flags.js";
import { sourceSettings } from "../home/source-settings.js";
import type { Io } from "../io.js";
import { version } from "../version.js";

export interface UpOptions extends SourceFlags {
  readonly repo?: string;
  readonly path?: string;
  readonly branch?: string;
  readonly namespace?: string;
  readonly dataDir?: string;
  readonly port?: string;
  /** Name of the source and its Kustomization; `flux-system`: where `flux bootstrap` puts them. */
  readonly as?: string;
  readonly auditLog?: string;
  readonly auditPolicy?: string;
  readonly apiOnly?: boolean;
}

/** Where `capstan up` keeps the source and the Kustomization that it makes. */
export const SYSTEM_NAMESPACE = "capstan-system";
const DEFAULT_PORT = 7443;
const RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile";

/**
 * `capstan up`: starts the embedded home and stays until it is told to end. With a repository it follows
 * that one; without, a demo repository that it serves itself.
 */
export async function up(options: UpOptions, io: Io): Promise<void> {
  if (options.repo !== undefined) assertRepository(options.repo);
  const apiOnly = options.apiOnly ?? false;
  if (apiOnly && options.repo !== undefined) {
    throw new CommandError("--api-only follows nothing: leave the repository out", exitCode.usage);
  }
  const directory = dataDirectory(options.dataDir, io.environment);
  const home = await startEmbeddedHome({
    directory,
    port: parsePort(options.port),
    demo: options.repo === undefined && !apiOnly,
    apiOnly,
    clock: io.clock,
    random: io.random,
    environment: io.environment,
    sources: sourceSettings(options),
    onLogFailure: (error) => io.err(`capstan: cannot write ${directory.log}: ${messageOf(error)}\n`),
    ...auditOptions(options, io),
  });
  try {
    await writeState(directory, {
      pid: process.pid,
      version,
      apiServer: home.apiServer,
      kubeconfig: directory.kubeconfig,
      artifactServer: home.httpUrl,
      gitRemote: home.httpUrl,
      startedAt: formatTime(io.clock.now()),
    });
    io.progress.success(`the API is ready at ${home.apiServer} (kubeconfig: ${directory.kubeconfig})`);
    if (apiOnly) io.out(`export KUBECONFIG=${shellQuote(directory.kubeconfig)}\n`);
    else await startFollowing(options, { home, tokenFile: directory.gitToken }, io);
    await Promise.race([home.failed, aborted(io.signal)]);
    io.progress.action("stopping");
  } finally {
    await removeState(directory);
    await home.close();
  }
}

async function startFollowing(
  options: UpOptions,
  { home, tokenFile }: { readonly home: EmbeddedHome; readonly tokenFile: string },
  io: Io,
): Promise<void> {
  const followed = follow(options, home.httpUrl);
  await ensureFollowed(home.client, followed, io.signal);
  io.progress.success(`following ${redactUrl(followed.url)} at ${followed.path}`);
  io.out(nextSteps(options, followed, home.httpUrl, tokenFile));
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_534) return port;
  throw new CommandError(
    `--port takes a number from 0 to 65534, not ${JSON.stringify(text)}`,
    exitCode.usage,
  );
}

/** Throws `CommandError` for what cannot be followed, before anything is started for it. */
export function assertRepository(repository: string): void {
  if (/^(https?|ssh|file):\/\//.test(repository)) return;
  const scp = /^([\w.-]+@[\w.-]+):(?!\/\/)(.+)$/.exec(repository);
  if (scp !== null) {
    const [, host = "", path = ""] = scp;
    throw new CommandError(
      `write ${repository} as ssh://${host}/${path.replace(/^\/+/, "")}`,
      exitCode.usage,
    );
  }
  const directory = resolve(repository);
  if (!existsSync(directory)) {
    throw new CommandError(
      `${repository} is neither a directory nor an https:// or ssh:// URL`,
      exitCode.usage,
    );
  }
  if (!existsSync(join(directory, ".git")) && !existsSync(join(directory, "HEAD"))) {
    throw new CommandError(`${directory} is not a git repository`, exitCode.usage);
  }
}

interface Followed {
  readonly name: string;
  readonly url: string;
  readonly branch: string | undefined;
  readonly path: string;
  readonly namespace: string;
  /** Where the source and its Kustomization are kept. */
  readonly system: string;
}

/** What to follow: the repository that was named, or the demo. */
export function follow(options: UpOptions, httpUrl: string): Followed {
  const { repo, path, namespace = "default" } = options;
  if (repo === undefined) {
    const url = `${httpUrl}/demo.git`;
    return { name: "demo", url, branch: "main", path: path ?? "./app", namespace, system: SYSTEM_NAMESPACE };
  }
  const local = existsSync(repo);
  const url = local ? `file://${resolve(repo)}` : repo;
  const found = { url, branch: options.branch ?? headOf(repo), path: path ?? "./", namespace };
  const flux =
    options.as === FLUX_SYNC || (options.as === undefined && local && isFluxSync(repo, found.path));
  if (flux) return { ...found, name: FLUX_SYNC, system: FLUX_SYNC };
  return { ...found, name: options.as ?? nameOf(repo), system: SYSTEM_NAMESPACE };
}

/** The last part of a repository's address as a name that Kubernetes takes. */
export function nameOf(repository: string): string {
  const last =
    repository
      .replace(/[/\\]+$/, "")
      .replace(/\.git$/, "")
      .split(/[/\\:]/)
      .at(-1) ?? "";
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
  return name === "" ? "repository" : name;
}

/** The branch that a remote or local repository's HEAD names; `undefined` where it cannot be asked now. */
function headOf(repository: string): string | undefined {
  const url = existsSync(repository) ? resolve(repository) : repository;
  const asked = spawnSync("git", ["ls-remote", "--symref", "--", url, "HEAD"], {
    encoding: "utf8",
    timeout: 15_000,
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  });
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(asked.stdout ?? "")?.[1];
}

/** The source and the Kustomization for what is followed, and the namespaces they need. */
export function followedObjects(followed: Followed): readonly KubeObject[] {
  const { name, url, branch, path, namespace, system } = followed;
  const metadata = { name, namespace: system };
  const flux = system === FLUX_SYNC;
  return [
    ...[SYSTEM_NAMESPACE, ...(flux ? [system] : []), ...(namespace === "default" ? [] : [namespace])].map(
      (each) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: each },
      }),
    ),
    ...(flux ? fluxAccounts() : []),
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      // What the repository says of its own source is where it is hosted, not where it was found.
      metadata: flux ? { ...metadata, annotations: { [RECONCILE]: "disabled" } } : metadata,
      spec: { url, interval: "1m0s", ...(branch === undefined ? {} : { ref: { branch } }) },
    },
    {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { ...metadata, annotations: { [DEFAULT_NAMESPACE_ANNOTATION]: namespace } },
      spec: {
        sourceRef: { kind: "GitRepository", name },
        path,
        prune: true,
        wait: !flux,
        interval: "10m0s",
        timeout: "5m0s",
      },
    },
  ];
}

/** The accounts of Flux' controllers, in whose name its repositories have things applied. */
function fluxAccounts(): readonly KubeObject[] {
  const subjects = ["kustomize-controller", "helm-controller"].map((name) => ({
    kind: "ServiceAccount",
    name,
    namespace: FLUX_SYNC,
  }));
  return [
    ...subjects.map(({ kind, name, namespace }) => ({
      apiVersion: "v1",
      kind,
      metadata: { name, namespace },
    })),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: `cluster-reconciler-${FLUX_SYNC}` },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects,
    },
  ];
}

async function ensureFollowed(client: Client, followed: Followed, signal: AbortSignal): Promise<void> {
  for (const object of followedObjects(followed)) {
    await client.apply(object, { fieldManager: OWN_MANAGER, force: true, signal });
  }
}

/** The lines that tell what to try next; each can be typed as it stands. */
export function nextSteps(
  options: UpOptions,
  { name, system }: Pick<Followed, "name" | "system">,
  httpUrl: string,
  tokenFile: string,
): string {
  const { dataDir } = options;
  const at = dataDir === undefined ? "" : ` --data-dir ${shellQuote(resolve(dataDir))}`;
  if (options.repo !== undefined) {
    const inside = system === SYSTEM_NAMESPACE ? "" : ` -n ${system}`;
    return [
      "Watch it:",
      `  npx capstan get all${inside}${at}`,
      `  npx capstan tree kustomization/${name}${inside}${at}`,
      `  npx capstan events -A -w${at}`,
      `  npx capstan reconcile kustomization/${name} --with-source${inside}${at}`,
      `  npx capstan down${at}`,
      "",
    ].join("\n");
  }
  const token = `"Authorization: Bearer $(cat ${shellQuote(tokenFile)})"`;
  return [
    "In a second terminal, in this directory:",
    `  clone   git clone -c http.extraHeader=${token} -c user.name=you -c user.email=you@example.com ${httpUrl}/demo.git capstan-demo`,
    "  edit    sed -i.bak 's/replicas: 2/replicas: 3/' capstan-demo/app/deployment.yaml",
    '  push    git -C capstan-demo commit -am "three replicas" && git -C capstan-demo push',
    `  watch   npx capstan tree kustomization/demo${at}`,
    `  break   npx capstan delete deployment/hello -n demo${at} && npx capstan events -n capstan-system${at}`,
    "",
  ].join("\n");
}

function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { Capstan, LiveObject } from "./capstan.js";
import { LocalRepository } from "./git.js";
import { until } from "./run.js";

/** A condition as the API shows it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What a condition is expected to say; the message has to have all of `says`. */
export interface Expected {
  /** `Ready` where left out. */
  readonly type?: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly says?: readonly (string | RegExp)[];
}

/** Where sources and Kustomizations of these tests live. */
export const namespace = "flux-system";

/** A ConfigMap as a file in a repository has it. */
export function configMap(name: string, data: Record<string, string> = {}, more = ""): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: "${value}"\n`);
  const body = lines.length > 0 ? `data:\n${lines.join("")}` : "";
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}${body}`;
}

export const source = (name: string, url: string, spec: object = {}) => ({
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "GitRepository",
  metadata: { name, namespace },
  spec: { url, interval: "1h", ref: { branch: "main" }, ...spec },
});

export const kustomization = (name: string, repository: string, spec: object = {}) => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name, namespace },
  spec: {
    sourceRef: { kind: "GitRepository", name: repository },
    path: "./",
    prune: true,
    interval: "1h",
    retryInterval: "1s",
    targetNamespace: "default",
    ...spec,
  },
});

/** Sources and Kustomizations of a running Capstan. */
export class Flux {
  readonly home: Capstan;
  readonly #scratch: string;

  constructor(home: Capstan, scratch: string) {
    this.home = home;
    this.#scratch = scratch;
  }

  /** A new repository below the scratch directory with this first content. */
  async repository(name: string, files: Record<string, string | undefined>): Promise<LocalRepository> {
    const repository = await LocalRepository.create(`${this.#scratch}/${name}`);
    await repository.commit(files);
    return repository;
  }

  /** A repository and its Kustomization of the same name, ready at this first content. */
  async running(name: string, files: Record<string, string>, spec: object = {}): Promise<LocalRepository> {
    const repository = await this.repository(name, files);
    await this.home.apply([source(name, `file://${repository.path}`), kustomization(name, name, spec)]);
    await this.is("kustomization", name, { status: "True", reason: "ReconciliationSucceeded" });
    return repository;
  }

  /** Commits and asks the source to look; gives the commit. */
  async change(
    repository: LocalRepository,
    name: string,
    files: Record<string, string | undefined>,
  ): Promise<string> {
    const commit = await repository.commit(files);
    await this.reconcile("gitrepository", name, commit);
    return commit;
  }

  /** Asks for a run, as `flux reconcile` does. */
  async reconcile(kind: string, name: string, token: string): Promise<void> {
    const annotation = `reconcile.fluxcd.io/requestedAt=${token}`;
    await this.home.kubectl(["annotate", kind, name, "-n", namespace, "--overwrite", annotation]);
  }

  /** Waits for a condition. */
  async is(kind: string, name: string, expected: Expected, within = 45_000): Promise<Condition> {
    const { type = "Ready", status, reason, says = [] } = expected;
    let last: readonly Condition[] = [];
    return until(
      `${kind}/${name} has ${type}=${status} ${reason} ${says.join(" … ")}`,
      async () => {
        last = (await this.get(kind, name))?.status?.conditions ?? [];
        return last.find(
          (each) =>
            each.type === type &&
            each.status === status &&
            each.reason === reason &&
            says.every((words) =>
              typeof words === "string" ? each.message.includes(words) : words.test(each.message),
            ),
        );
      },
      within,
      () => last,
    );
  }

  /** A source or Kustomization. */
  get(kind: string, name: string): Promise<LiveObject | undefined> {
    return this.home.get(kind, name, namespace);
  }

  /** The data of a ConfigMap in the namespace `default`; undefined where there is none. */
  async data(name: string): Promise<Record<string, string> | undefined> {
    return (await this.home.get("configmap", name))?.data;
  }
}

import type { KubeObject } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import type { DeclaredObjects } from "./declared-objects.js";
import { generatedTree } from "./generated-tree.js";
import { type OwnSources, repositoryKey, SYNC_NAMES } from "./own-sources.js";
import type { RepositoryTree } from "./repository-tree.js";
import { isFields } from "./scan.js";

/** A source as files, or why there are none to be had here. */
export type SourceTree =
  | {
      readonly tree: FileTree;
      /** The path in the repository of a file of the tree. */
      readonly repositoryPath: (path: string) => string;
    }
  /** It is not to be had here, for no fault of the repository. */
  | { readonly missing: string }
  /** It cannot be made, and the repository is to blame. */
  | { readonly failure: string };

export interface SourceOptions {
  readonly repository: RepositoryTree;
  readonly ownSources: OwnSources;
  /** Trees given for `Kind/namespace/name`. */
  readonly local: ReadonlyMap<string, FileTree>;
  readonly signal: AbortSignal;
}

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Finds the files of sources: the repository itself, what is generated from it, trees of this machine. */
export class Sources {
  readonly #options: SourceOptions;
  readonly #declared: DeclaredObjects;

  constructor(options: SourceOptions, declared: DeclaredObjects) {
    this.#options = options;
    this.#declared = declared;
  }

  /** The tree of a `sourceRef` of an object in `namespace`. */
  async find(sourceRef: unknown, namespace: string): Promise<SourceTree> {
    if (!isFields(sourceRef)) return { missing: "it names no source" };
    const reference = {
      kind: String(sourceRef["kind"]),
      name: String(sourceRef["name"]),
      namespace: String(sourceRef["namespace"] ?? namespace),
    };
    return this.#resolve(reference, 0);
  }

  /** A tree of this machine that stands for a source. */
  local(kind: string, namespace: string, name: string): FileTree | undefined {
    return this.#options.local.get(`${kind}/${namespace}/${name}`);
  }

  async #resolve(reference: Reference, depth: number): Promise<SourceTree> {
    const { kind, name, namespace } = reference;
    const local = this.local(kind, namespace, name);
    if (local !== undefined) return { tree: local, repositoryPath: (path) => path };
    const shown = `${kind}/${namespace}/${name}`;
    const source = this.#sourceObject(reference);
    if (kind === "ExternalArtifact") {
      return depth > 4 ? { missing: `${shown} is generated from itself` } : this.#generated(reference, depth);
    }
    const own: SourceTree = { tree: this.#options.repository, repositoryPath: (path) => path };
    if (SYNC_NAMES.has(name)) return own;
    const known = this.#options.ownSources.own.has(`${kind}/${name}`);
    if (known && (source === undefined || !this.#otherReference(source))) return own;
    if (source === undefined) {
      // Who synchronises the repository often sets its source up outside of it.
      return kind === "GitRepository" || kind === "OCIRepository"
        ? own
        : { missing: `its source ${shown} is not in the repository` };
    }
    const url = urlOf(source);
    if (kind === "GitRepository" && this.#isOwnUrl(url) && !this.#otherReference(source)) return own;
    return { missing: `its source ${shown} is another one${url === "" ? "" : ` (${url})`}` };
  }

  #sourceObject({ kind, name, namespace }: Reference): KubeObject | undefined {
    return this.#declared.find({ apiVersion: "source.toolkit.fluxcd.io/v1", kind, name, namespace });
  }

  /** Whether a URL is that of the source by which the repository is synchronised. */
  #isOwnUrl(url: string): boolean {
    const sync = urlOf(this.#syncSource());
    return sync !== "" && repositoryKey(sync) === repositoryKey(url);
  }

  #syncSource(): KubeObject | undefined {
    return this.#declared
      .ofKind("source.toolkit.fluxcd.io", "GitRepository")
      .find(({ metadata: { name, namespace } }) => name === namespace && SYNC_NAMES.has(name));
  }

  /** Whether a source of this repository follows another branch or tag than the one it is synchronised from. */
  #otherReference(source: KubeObject): boolean {
    const sync = this.#syncSource();
    return sync !== undefined && referenceOf(source) !== referenceOf(sync);
  }

  /** What an ArtifactGenerator puts together under a name. */
  async #generated({ name, namespace }: Reference, depth: number): Promise<SourceTree> {
    for (const generator of this.#declared.ofKind("source.extensions.fluxcd.io", "ArtifactGenerator")) {
      const spec = generator["spec"];
      if (generator.metadata.namespace !== namespace || !isFields(spec)) continue;
      const trees = new Map<string, SourceTree>();
      for (const source of Array.isArray(spec["sources"]) ? spec["sources"].filter(isFields) : []) {
        const reference = {
          kind: String(source["kind"]),
          name: String(source["name"]),
          namespace: String(source["namespace"] ?? namespace),
        };
        trees.set(String(source["alias"]), await this.#resolve(reference, depth + 1));
      }
      const generated = await generatedTree(spec, name, trees, this.#options.signal);
      if (generated !== undefined) return generated;
    }
    return {
      missing: `its source ExternalArtifact/${namespace}/${name} is generated by nothing in the repository`,
    };
  }
}

/** `ref` of a source as one text. */
function referenceOf(source: KubeObject | undefined): string {
  const spec = source?.["spec"];
  const ref = isFields(spec) && isFields(spec["ref"]) ? spec["ref"] : {};
  return ["branch", "tag", "semver", "commit", "name"].map((field) => String(ref[field] ?? "")).join("|");
}

function urlOf(source: KubeObject | undefined): string {
  const spec = source?.["spec"];
  return isFields(spec) && typeof spec["url"] === "string" ? spec["url"] : "";
}

import type { KubeObject, ObjectRef, TypeMeta } from "@capstan/kube";
import { CommandError, exitCode } from "./exit-code.js";

/** A kind that Capstan reconciles, with the words people use for it on the command line. */
export interface ReconciledKind extends TypeMeta {
  /** The word in output (`gitrepository/podinfo`). */
  readonly word: string;
  readonly aliases: readonly string[];
  readonly category: "source" | "delivery";
}

/** Every kind that `get all`, `reconcile`, `suspend` and `resume` know, in the order they are printed. */
export const reconciledKinds: readonly ReconciledKind[] = [
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    word: "gitrepository",
    aliases: ["gitrepositories", "gitrepo", "gitrepos", "git"],
    category: "source",
  },
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "OCIRepository",
    word: "ocirepository",
    aliases: ["ocirepositories", "ocirepo", "oci"],
    category: "source",
  },
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "Bucket",
    word: "bucket",
    aliases: ["buckets"],
    category: "source",
  },
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "HelmRepository",
    word: "helmrepository",
    aliases: ["helmrepositories", "helmrepo", "helm"],
    category: "source",
  },
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "HelmChart",
    word: "helmchart",
    aliases: ["helmcharts", "hc", "chart", "charts"],
    category: "source",
  },
  {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "ExternalArtifact",
    word: "externalartifact",
    aliases: ["externalartifacts", "ea", "external"],
    category: "source",
  },
  {
    apiVersion: "source.extensions.fluxcd.io/v1beta1",
    kind: "ArtifactGenerator",
    word: "artifactgenerator",
    aliases: ["artifactgenerators", "ag"],
    category: "source",
  },
  {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    word: "kustomization",
    aliases: ["kustomizations", "ks"],
    category: "delivery",
  },
  {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    word: "helmrelease",
    aliases: ["helmreleases", "hr"],
    category: "delivery",
  },
];

/**
 * Reads `KIND/NAME`, `KIND NAME` or `source KIND NAME` (as `flux` words it) into a kind and a name.
 * Throws `CommandError` for what is none of these.
 */
export function parseReconciled(words: readonly string[]): { kind: ReconciledKind; name: string } {
  const rest = words[0] === "source" || words[0] === "sources" ? words.slice(1) : words;
  const [first = "", second] = rest;
  const slash = first.indexOf("/");
  const [word, name] = slash > 0 ? [first.slice(0, slash), first.slice(slash + 1)] : [first, second];
  const kind = findReconciledKind(word);
  if (kind === undefined) {
    const known = reconciledKinds.map((each) => each.word).join(", ");
    throw new CommandError(`unknown kind ${JSON.stringify(word)}; known are ${known}`, exitCode.usage);
  }
  if (name === undefined || name === "" || rest.length > (slash > 0 ? 1 : 2)) {
    throw new CommandError(`name one ${kind.word}, for example: ${kind.word}/my-app`, exitCode.usage);
  }
  return { kind, name };
}

export function findReconciledKind(word: string): ReconciledKind | undefined {
  const lower = word.toLowerCase();
  return reconciledKinds.find(
    (kind) => kind.word === lower || kind.kind.toLowerCase() === lower || kind.aliases.includes(lower),
  );
}

/** `deployment.apps/podinfo`, as `kubectl -o name` writes it (with the kind, lower case). */
export function objectName(object: KubeObject | ObjectRef): string {
  const name =
    "metadata" in object && typeof object.metadata === "object"
      ? (object as KubeObject).metadata.name
      : (object as ObjectRef).name;
  const slash = object.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : `.${object.apiVersion.slice(0, slash)}`;
  return `${object.kind.toLowerCase()}${group}/${name}`;
}

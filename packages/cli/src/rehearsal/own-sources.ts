import { isFields, type RawObject, type Scan } from "./scan.js";
import { isUnder, treePath } from "./tree-path.js";

/** Names of the source that a repository is synchronised by; whatever it says is this repository. */
export const SYNC_NAMES: ReadonlySet<string> = new Set(["flux-system", "capstan-system"]);

/**
 * Which sources, as `Kind/name`, are the repository itself: those with the address of one of its remotes,
 * and those by which a Kustomization applies the very directory that it is in. `declared` are those that the
 * repository says anything of.
 */
export interface OwnSources {
  readonly own: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

export function findOwnSources(scan: Scan, remotes: readonly string[]): OwnSources {
  const keys = new Set(remotes.map(repositoryKey));
  const byAddress = scan.sources
    .filter(
      ({ object }) => isFields(object["spec"]) && keys.has(repositoryKey(String(object["spec"]["url"]))),
    )
    .map(({ object }) => `${object.kind}/${object.metadata.name}`);
  const byPlace = scan.kustomizations.flatMap((raw) => {
    const path = pathOf(raw);
    const appliesItself = path !== undefined && path !== "/" && isUnder(raw.file, path);
    return appliesItself ? [sourceNameOf(raw)] : [];
  });
  const declared = scan.sources.map(({ object }) => `${object.kind}/${object.metadata.name}`);
  return { own: new Set([...byAddress, ...byPlace]), declared: new Set(declared) };
}

/** Whether a Kustomization as it is written builds a directory of the repository itself. */
export function isFromOwn(raw: RawObject, { own, declared }: OwnSources): boolean {
  const source = sourceNameOf(raw);
  const name = source.slice(source.indexOf("/") + 1);
  return SYNC_NAMES.has(name) || own.has(source) || (!declared.has(source) && isMirrored(source));
}

/** Kinds that a repository is synchronised by, set up outside of it. */
function isMirrored(source: string): boolean {
  return source.startsWith("GitRepository/") || source.startsWith("OCIRepository/");
}

/** `spec.path` of a Kustomization as a path of the tree. */
export function pathOf({ object }: RawObject): string | undefined {
  const spec = object["spec"];
  return isFields(spec) && typeof spec["path"] === "string" ? treePath(spec["path"]) : undefined;
}

function sourceNameOf({ object }: RawObject): string {
  const spec = object["spec"];
  const reference = isFields(spec) && isFields(spec["sourceRef"]) ? spec["sourceRef"] : {};
  return `${String(reference["kind"])}/${String(reference["name"])}`;
}

/** What different URLs of one repository have in common: `git@host:a/b.git` and `https://host/a/b`. */
export function repositoryKey(url: string): string {
  return url
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]*@/, "")
    .replace(/^([^/:]+):(\d+\/)?/, "$1/")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

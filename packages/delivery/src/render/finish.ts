import { type KubeObject, parseYaml, sha256Hex, stableDigest, stringifyYaml } from "@capstan/kube";
import { isEncryptedSecret } from "../decrypt/encrypted-object.js";
import { formatObjectId, idOf } from "../plan/object-id.js";
import { OWNER_NAME, OWNER_NAMESPACE, policiesOf } from "../plan/policies.js";
import { SubstitutionError } from "../substitute/expression.js";
import { substitute } from "../substitute/substitute.js";
import { withDefaultNamespace } from "./default-namespace.js";
import { type DesiredObject, RenderError, type Rendered } from "./desired-object.js";
import { normalize } from "./normalize.js";
import { resourceName } from "./resource-name.js";

/** An object as the build left it, with the file that it comes from where that is known. */
export interface BuiltObject {
  readonly object: KubeObject;
  readonly origin?: { readonly file: string; readonly line?: number };
}

/** What happens to built objects before they are applied. */
export interface FinishOptions {
  readonly owner: { readonly name: string; readonly namespace: string };
  /** Where objects go that name no namespace; left out: such objects are refused. */
  readonly defaultNamespace?: string | undefined;
  /** Left out: nothing is substituted. */
  readonly substitution?: {
    readonly variables: ReadonlyMap<string, string>;
    readonly strict: boolean;
    /** Substitute though there are no variables. */
    readonly always: boolean;
  };
  readonly commonMetadata?: {
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
}

const SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute";

/**
 * Takes built objects to desired ones: variables, normal form, common metadata, owner labels. Throws
 * one `RenderError` that names every object that is wrong.
 */
export function finishObjects(built: readonly BuiltObject[], options: FinishOptions): Rendered {
  const problems: string[] = [];
  const objects: DesiredObject[] = [];
  const texts: string[] = [];
  for (const { object, origin } of built) {
    try {
      const substituted = substituteIn(object, options);
      texts.push(stringifyYaml(substituted));
      objects.push(desiredOf(substituted, origin, options));
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      problems.push(origin === undefined ? error.message : `${placeOf(origin)}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new RenderError("BuildFailed", problems.join("\n"));
  return { objects, digest: `sha256:${sha256Hex(texts.join("---\n"))}` };
}

function placeOf(origin: { readonly file: string; readonly line?: number }): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
}

function substituteIn(object: KubeObject, options: FinishOptions): KubeObject {
  const { substitution } = options;
  if (substitution === undefined || (substitution.variables.size === 0 && !substitution.always))
    return object;
  const { labels, annotations } = object.metadata;
  if (labels?.[SUBSTITUTE] === "disabled" || annotations?.[SUBSTITUTE] === "disabled") return object;
  const text = stringifyYaml(object);
  const where = `post build failed for '${resourceName(object)}'`;
  try {
    const substituted = substitute(text, substitution.variables, substitution.strict);
    if (substituted === text) return object;
    const parsed = parseYaml(substituted);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    const reason = error instanceof SubstitutionError ? error.message : "the result is not valid YAML";
    throw new RenderError("BuildFailed", `${where}: envsubst error: ${reason}`, { cause: error });
  }
  throw new RenderError("BuildFailed", `${where}: the result is no Kubernetes object`);
}

function desiredOf(built: KubeObject, origin: BuiltObject["origin"], options: FinishOptions): DesiredObject {
  const normal = withDefaultNamespace(normalize(built), options.defaultNamespace);
  const { labels, annotations } = options.commonMetadata ?? {};
  const { name, namespace } = options.owner;
  const object: KubeObject = {
    ...normal,
    metadata: {
      ...normal.metadata,
      labels: { ...normal.metadata.labels, ...labels, [OWNER_NAME]: name, [OWNER_NAMESPACE]: namespace },
      ...(annotations === undefined
        ? {}
        : { annotations: { ...normal.metadata.annotations, ...annotations } }),
    },
  };
  const id = idOf(object);
  return {
    ...id,
    apiVersion: object.apiVersion,
    id: formatObjectId(id),
    digest: stableDigest(object),
    json: JSON.stringify(object),
    policies: policiesOf(object.metadata),
    selfDeleting: object.kind === "Job" && isSelfDeleting(object),
    encrypted: isEncryptedSecret(object),
    ...(origin === undefined ? {} : { origin }),
  };
}

function isSelfDeleting(job: KubeObject): boolean {
  const spec = job["spec"];
  return isFields(spec) && typeof spec["ttlSecondsAfterFinished"] === "number";
}

function isObject(value: unknown): value is KubeObject {
  if (!isFields(value)) return false;
  const { apiVersion, kind, metadata } = value;
  return (
    typeof apiVersion === "string" &&
    typeof kind === "string" &&
    isFields(metadata) &&
    typeof metadata["name"] === "string"
  );
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

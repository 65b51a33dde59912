import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testControlPlane } from "@capstan/control-plane";
import { deepEqual, type KubeObject, parseYamlDocuments, type Transport } from "@capstan/kube";

interface Result {
  name: string;
  passed: number;
  total: number;
  failures: { name: string; reason: string }[];
  note?: string;
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/**
 * Creates, reads, applies, patches and deletes real objects of each built-in kind, which lie in
 * `api-objects` of the directory of cases. Objects that are no
 * objects yet (templates with their placeholders left in) must be refused with a client's error instead.
 */
export async function run(options: { directory?: string } = {}): Promise<Result> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const shared =
    options.directory ?? process.env["CAPSTAN_CONFORMANCE"] ?? join(root, "../shared/conformance");
  const cases = join(shared, "api-objects");
  const result: Result = { name: "control-plane-objects", passed: 0, total: 0, failures: [] };
  if (!existsSync(cases)) return { ...result, note: "no cases" };
  const plane = await testControlPlane();
  const api = plane.transport();
  try {
    for (const file of readdirSync(cases).sort()) {
      const documents = parseYamlDocuments(readFileSync(join(cases, file), "utf8"));
      for (const [index, { value }] of documents.entries()) {
        if (value === null || value === undefined) continue;
        result.total++;
        const reason = await tryObject(api, value as KubeObject).catch((error: unknown) => String(error));
        if (reason === undefined) result.passed++;
        else result.failures.push({ name: `${file}#${index}`, reason });
      }
    }
  } finally {
    await plane.close();
  }
  return result;
}

async function resourceOf(api: Transport, object: KubeObject): Promise<Resource | undefined> {
  const root = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const { status, body } = await api.request({ method: "GET", path: root });
  if (status !== 200) return undefined;
  const { resources } = (typeof body === "string" ? JSON.parse(body) : body) as { resources: Resource[] };
  return resources.find((resource) => resource.kind === object.kind && !resource.name.includes("/"));
}

const PLACEHOLDER = /\{\{|HELMSUBST|\$\(/;

/** What went wrong with one object; `undefined` where nothing did. */
async function tryObject(api: Transport, given: KubeObject): Promise<string | undefined> {
  const resource = await resourceOf(api, given);
  if (resource === undefined) return `${given.apiVersion} ${given.kind} is not served`;
  const namespace = given.metadata.namespace ?? "default";
  const isTemplate = PLACEHOLDER.test(JSON.stringify(given));
  if (resource.namespaced && !isTemplate) await ensureNamespace(api, namespace);
  const object = resource.namespaced ? { ...given, metadata: { ...given.metadata, namespace } } : given;
  const root = given.apiVersion.includes("/") ? `/apis/${given.apiVersion}` : `/api/${given.apiVersion}`;
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const collection = `${root}${scope}/${resource.name}`;
  const created = await api.request({ method: "POST", path: collection, body: object });
  if (created.status !== 201) {
    const message = String((created.body as { message?: unknown }).message);
    const refused = created.status >= 400 && created.status < 500;
    return refused
      ? acceptedRefusal(created.status, message, isTemplate)
      : `create: ${created.status} ${message}`;
  }
  const name = (created.body as KubeObject).metadata.name;
  return lifeOf(api, `${collection}/${encodeURIComponent(name)}`, object, created.body as KubeObject);
}

/** Refusals that the real server gives to the same objects. */
function acceptedRefusal(status: number, message: string, isTemplate: boolean): string | undefined {
  const isInvalid = status === 422 || status === 400;
  if (status === 409 || (isInvalid && (isTemplate || !message.includes("unknown field")))) return undefined;
  // Pods of service accounts that the cases do not bring along.
  if (status === 403 && message.includes("error looking up service account")) return undefined;
  return isTemplate ? undefined : `create: ${status} ${message}`;
}

/** Creates a namespace; one that is on its way out goes first. */
async function ensureNamespace(api: Transport, name: string): Promise<void> {
  const path = "/api/v1/namespaces";
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const { status } = await api.request({ method: "POST", path, body: { metadata: { name } } });
    if (status === 201) return;
    const { body } = await api.request({ method: "GET", path: `${path}/${name}` });
    if ((body as KubeObject).metadata?.deletionTimestamp === undefined) return;
    // The API empties it between requests, once there is a moment between them.
    await new Promise((resume) => setImmediate(resume));
  }
}

async function lifeOf(
  api: Transport,
  path: string,
  given: KubeObject,
  created: KubeObject,
): Promise<string | undefined> {
  const read = await api.request({ method: "GET", path });
  if (read.status !== 200) return `read: ${read.status}`;
  if (!deepEqual((read.body as KubeObject)["spec"], created["spec"]))
    return "read: the spec is not what was created";
  const { resourceVersion: _version, uid: _uid, ...metadata } = given.metadata;
  const applied = await api.request({
    method: "PATCH",
    path,
    query: { fieldManager: "conformance", force: "true" },
    contentType: "application/apply-patch+yaml",
    body: { ...given, metadata: { ...metadata, name: created.metadata.name } },
  });
  const undeclared = String((applied.body as { message?: unknown }).message).includes(
    "field not declared in schema",
  );
  // Creating drops unknown fields with a warning, applying refuses them: so does the real server.
  if (applied.status !== 200 && !undeclared)
    return `apply: ${applied.status} ${JSON.stringify(applied.body).slice(0, 300)}`;
  const patched = await api.request({
    method: "PATCH",
    path,
    contentType: "application/merge-patch+json",
    body: { metadata: { labels: { "capstan.dev/conformance": "yes" } } },
  });
  const labels = (patched.body as KubeObject).metadata?.labels;
  if (labels?.["capstan.dev/conformance"] !== "yes") return `patch: ${patched.status}`;
  const deleted = await api.request({ method: "DELETE", path, query: { gracePeriodSeconds: "0" } });
  return deleted.status === 200 || deleted.status === 202 ? undefined : `delete: ${deleted.status}`;
}

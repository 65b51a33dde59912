import type { Client } from "@capstan/controller";
import type { HookRecord } from "@capstan/helm";
import { ApiError, type KubeObject } from "@capstan/kube";

const MAX_LINES = 1000;
const MAX_BYTES = 256 * 1024;

/** The last lines that the Pods of a hook wrote; only Jobs and Pods write any. */
export async function readPodLogs(
  client: Client,
  hook: HookRecord,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const selection =
    hook.kind === "Job"
      ? { labelSelector: `job-name=${hook.name}` }
      : hook.kind === "Pod"
        ? { fieldSelector: `metadata.name=${hook.name}` }
        : undefined;
  if (selection === undefined) return [];
  const lines: string[] = [];
  try {
    const pods = client.listAll({ apiVersion: "v1", kind: "Pod" }, { namespace, ...selection, signal });
    for await (const pod of pods) {
      for (const container of containersOf(pod)) {
        lines.push(...(await readLog(client, namespace, pod.metadata.name, container, signal)));
      }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    lines.push(`error outputting logs of hook ${hook.path}: ${error.message}`);
  }
  return lines;
}

async function readLog(
  client: Client,
  namespace: string,
  name: string,
  container: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  const query = { container, tailLines: String(MAX_LINES) };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await client.stream({ method: "GET", path, query, signal })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break;
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}

function containersOf(pod: KubeObject): readonly string[] {
  const spec = pod["spec"];
  const containers = typeof spec === "object" && spec !== null && "containers" in spec ? spec.containers : [];
  if (!Array.isArray(containers)) return [];
  return containers
    .map((container: { readonly name?: unknown }) => container.name)
    .filter((name) => typeof name === "string");
}

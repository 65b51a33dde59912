import { parseYaml, YamlError } from "@capstan/kube";
import { WarningLog } from "../chart/warning.js";
import { RenderError } from "../template/report.js";
import { compareBytes } from "../value/go-value.js";
import { yamlProblem } from "../value/yaml-problem.js";
import { type Hook, hookOf } from "./hook.js";

/** One rendered document. */
export interface Manifest {
  /** The template it comes from. */
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** The head of a document, as far as sorting needs it. */
export interface Head {
  readonly kind: string;
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string> | undefined;
}

/** The order in which kinds are installed. */
export const installOrder: readonly string[] = (
  "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret " +
  "SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList " +
  "ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod " +
  "ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService " +
  "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
).split(" ");

const installRank = new Map(installOrder.map((kind, index) => [kind, index]));

/** Compares kinds by install order; unknown ones come last, by name. */
export function compareKinds(a: string, b: string): number {
  const left = installRank.get(a);
  const right = installRank.get(b);
  if (left === undefined && right === undefined) return compareBytes(a, b);
  return (left ?? installOrder.length) - (right ?? installOrder.length);
}

function behindSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? "")) at += 1;
  return at;
}

/** Splits a rendered file into its documents; a separator right behind another one is text. */
export function splitDocuments(text: string): string[] {
  const whole = text.trim();
  const documents: string[] = [];
  let start = whole.startsWith("---") ? behindSpace(whole, 3) : 0;
  for (let at = whole.indexOf("\n---", start); at >= 0; at = whole.indexOf("\n---", start)) {
    documents.push(whole.slice(start, at).trim());
    start = behindSpace(whole, at + 4);
  }
  documents.push(whole.slice(start).trim());
  return documents.filter((document) => document !== "");
}

/** Sorts rendered files into manifests in install order and hooks. Throws RenderError for a document that cannot be read. */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  log = new WarningLog(),
): { manifests: Manifest[]; hooks: Hook[] } {
  const manifests: Manifest[] = [];
  const hooks: Hook[] = [];
  for (const path of [...files.keys()].sort(compareBytes)) {
    const text = files.get(path) ?? "";
    if (text.trim() === "") continue;
    for (const document of splitDocuments(text)) {
      const head = readHead(path, document);
      const hook = hookOf(path, head, document);
      if (hook === undefined) manifests.push({ path, kind: head.kind, name: head.name, text: document });
      else if (hook !== "dropped") hooks.push(hook);
      else log.info(`skipping unknown hooks hookTypes=${head.annotations?.get("helm.sh/hook") ?? ""}`);
    }
  }
  manifests.sort((a, b) => compareKinds(a.kind, b.kind));
  hooks.sort((a, b) => compareKinds(a.kind, b.kind));
  return { manifests, hooks };
}

function scalarText(value: unknown): string {
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
      ? String(value)
      : "";
}

function readHead(path: string, document: string): Head {
  const fail = (message: string) => new RenderError(`YAML parse error on ${path}: ${message}`);
  const raw = headYaml(document, fail);
  if (raw === null || raw === undefined) return { kind: "", name: "", annotations: undefined };
  if (typeof raw !== "object" || Array.isArray(raw)) {
    const kind = Array.isArray(raw) ? "array" : typeof raw === "boolean" ? "bool" : typeof raw;
    throw fail(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type util.SimpleHead`,
    );
  }
  const head = raw as Readonly<Record<string, unknown>>;
  const metadata = (
    typeof head["metadata"] === "object" && head["metadata"] !== null ? head["metadata"] : {}
  ) as Readonly<Record<string, unknown>>;
  return {
    kind: scalarText(head["kind"]),
    name: scalarText(metadata["name"]),
    annotations: annotationsOf(metadata["annotations"], fail),
  };
}

function headYaml(document: string, fail: (message: string) => RenderError): unknown {
  try {
    return parseYaml(document, { dialect: "helm" });
  } catch (error) {
    if (error instanceof YamlError) throw fail(yamlProblem(error));
    throw error;
  }
}

function annotationsOf(
  raw: unknown,
  fail: (message: string) => RenderError,
): ReadonlyMap<string, string> | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  return new Map(
    Object.entries(raw).map(([key, value]) => {
      if (typeof value === "object" && value !== null) {
        throw fail(
          "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field .metadata.annotations of type string",
        );
      }
      return [key, scalarText(value)];
    }),
  );
}

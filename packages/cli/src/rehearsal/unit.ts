import type { DesiredObject } from "@capstan/delivery";
import type { KubeObject } from "@capstan/kube";
import type { Finding, Severity } from "./result.js";
import { shownPath } from "./tree-path.js";

/** What a unit delivers, with the place that says so. */
export interface Delivered {
  readonly object: KubeObject;
  /** Path in the repository, without leading slash. */
  readonly file?: string;
  readonly line?: number;
  /** Values are encrypted still: they were replaced, so that the rest can be checked. */
  readonly encrypted: boolean;
  /** Where the object goes if it names no namespace; of charts. */
  readonly defaultNamespace?: string;
}

/** A Kustomization, a HelmRelease or a root while a repository is rehearsed. */
export class Unit {
  readonly name: string;
  object: KubeObject;
  readonly parent: Unit | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly findings: Finding[] = [];
  readonly children: Unit[] = [];
  /** What it builds, as people write it. */
  source = "";
  /** The directory of the repository that it builds, where it is one. */
  directory: string | undefined;
  skipped = false;
  delivered: readonly Delivered[] = [];

  constructor(object: KubeObject, name: string, declared?: { readonly by: Unit; readonly place: Delivered }) {
    this.object = object;
    this.name = name;
    this.parent = declared?.by;
    this.file = declared?.place.file;
    this.line = declared?.place.line;
    declared?.by.children.push(this);
  }

  /** Adds a finding; at the unit's own place unless another is given. */
  find(severity: Severity, message: string, place: { file?: string; line?: number } = {}): void {
    const file = place.file ?? this.file;
    const line = place.file === undefined ? this.line : place.line;
    this.findings.push({
      severity,
      message,
      ...(file === undefined ? {} : { file: shownPath(file) }),
      ...(line === undefined ? {} : { line }),
    });
  }

  /** Leaves it unbuilt because of its source: a failure where the repository is to blame. */
  without(source: { readonly missing: string } | { readonly failure: string }): void {
    if ("missing" in source) this.skip(source.missing);
    else this.find("failure", source.failure);
  }

  skip(reason: string): void {
    this.skipped = true;
    this.find("note", reason);
  }
}

/** What a build gives, with encrypted values replaced by ones of the right form. */
export function deliveredBy(desired: DesiredObject): Delivered {
  const object = JSON.parse(desired.json) as KubeObject;
  const encrypted = desired.encrypted || isEncrypted(object);
  const { file, line } = desired.origin ?? {};
  return {
    object: encrypted ? withoutCipher(object) : object,
    encrypted,
    ...(file === undefined ? {} : { file: shownPath(file) }),
    ...(line === undefined ? {} : { line }),
  };
}

/** What stands for a value that is not in the repository; a name of DNS and a valid label. */
export const PLACEHOLDER = "placeholder";
const PLACEHOLDER_BASE64 = Buffer.from(PLACEHOLDER).toString("base64");

function isEncrypted(object: KubeObject): boolean {
  const sops = object["sops"];
  return typeof sops === "object" && sops !== null && "mac" in sops;
}

function withoutCipher(object: KubeObject): KubeObject {
  const { sops: _sops, ...rest } = object;
  const secret = object.kind === "Secret" && object.apiVersion === "v1";
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      replaceCipher(value, secret && key === "data" ? PLACEHOLDER_BASE64 : PLACEHOLDER),
    ]),
  ) as KubeObject;
}

function replaceCipher(value: unknown, by: string): unknown {
  if (typeof value === "string") return isCipher(value) ? by : value;
  if (Array.isArray(value)) return value.map((each) => replaceCipher(each, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceCipher(each, by)]));
}

/** SOPS' form of a value; in `data` it went through base64 where `stringData` was merged into it. */
function isCipher(text: string): boolean {
  return text.startsWith("ENC[AES256_GCM,") || text.startsWith("RU5DW0FFUzI1Nl9HQ00s");
}

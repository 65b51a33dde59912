import type { FieldError } from "../registry/kind.js";
import type { Call } from "./call.js";
import { badRequest } from "./errors.js";
import { isEmptyBody, parseObjectBody } from "./request-body.js";
import { readDryRun, throwIfAny } from "./write-options.js";

type Propagation = "Background" | "Foreground" | "Orphan";

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: Propagation | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** Body or query said `orphanDependents: false` outright (it changes the answer's code). */
  readonly orphanDependents: boolean | undefined;
}

const POLICIES: ReadonlySet<unknown> = new Set(["Background", "Foreground", "Orphan"]);

/** Options of a delete, from the body or, where there is none, from the query. */
export function readDeleteOptions(call: Call): DeleteOptions {
  const errors: FieldError[] = [];
  const raw = isEmptyBody(call.body) ? fromQuery(call) : fromBody(call);
  const dryRun = readDryRun(new Map(raw.dryRun === undefined ? [] : [["dryRun", raw.dryRun]]), errors);
  if (raw.propagation !== undefined && !POLICIES.has(raw.propagation)) {
    errors.push({
      type: "Unsupported value",
      field: "propagationPolicy",
      value: raw.propagation,
      detail: 'supported values: "Foreground", "Background", "Orphan", "nil"',
    });
  } else if (raw.propagation !== undefined && raw.orphanDependents !== undefined) {
    errors.push({
      type: "Invalid value",
      field: "propagationPolicy",
      value: raw.propagation,
      detail: "orphanDependents and deletionPropagation cannot be both set",
    });
  }
  throwIfAny(errors, "DeleteOptions");
  return {
    dryRun,
    gracePeriodSeconds:
      raw.gracePeriodSeconds === undefined || raw.gracePeriodSeconds >= 0 ? raw.gracePeriodSeconds : 1,
    propagation:
      (raw.propagation as Propagation | undefined) ??
      (raw.orphanDependents === undefined ? undefined : raw.orphanDependents ? "Orphan" : "Background"),
    uid: raw.uid,
    resourceVersion: raw.resourceVersion,
    orphanDependents: raw.orphanDependents,
  };
}

interface RawOptions {
  readonly dryRun: string | undefined;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: string | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

function fromQuery(call: Call): RawOptions {
  const grace = call.query.get("gracePeriodSeconds");
  const orphan = call.query.get("orphanDependents");
  return {
    dryRun: call.query.get("dryRun"),
    gracePeriodSeconds: grace === undefined || grace === "" ? undefined : wholeNumber(grace),
    propagation: call.query.get("propagationPolicy") || undefined,
    orphanDependents: orphan === undefined ? undefined : orphan === "true" || orphan === "1",
    uid: undefined,
    resourceVersion: undefined,
  };
}

function wholeNumber(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function fromBody(call: Call): RawOptions {
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("the delete options are not an object");
  }
  const body = value as Record<string, unknown>;
  if (body["kind"] !== undefined && body["kind"] !== "DeleteOptions") {
    throw badRequest(
      `the object provided is unrecognized (must be of type DeleteOptions): got ${String(body["kind"])}`,
    );
  }
  tellReceived(call, body);
  const preconditions = (body["preconditions"] ?? {}) as Record<string, unknown>;
  const dryRun = body["dryRun"];
  return {
    dryRun: Array.isArray(dryRun) && dryRun.length > 0 ? String(dryRun[0]) : undefined,
    gracePeriodSeconds: optional(body, "gracePeriodSeconds", "number"),
    propagation: optional(body, "propagationPolicy", "string"),
    orphanDependents: optional(body, "orphanDependents", "boolean"),
    uid: optional(preconditions, "uid", "string"),
    resourceVersion: optional(preconditions, "resourceVersion", "string"),
  };
}

const MEMBERS = ["gracePeriodSeconds", "preconditions", "orphanDependents", "propagationPolicy", "dryRun"];

/** The audit log of Kubernetes names the version in which the server itself handles the options. */
function tellReceived(call: Call, body: Record<string, unknown>): void {
  const known = MEMBERS.filter((name) => body[name] !== undefined && body[name] !== null);
  call.received?.({
    kind: "DeleteOptions",
    apiVersion: "meta.k8s.io/__internal",
    ...Object.fromEntries(known.map((name) => [name, body[name]])),
  });
}

function optional(body: Record<string, unknown>, field: string, type: "number"): number | undefined;
function optional(body: Record<string, unknown>, field: string, type: "string"): string | undefined;
function optional(body: Record<string, unknown>, field: string, type: "boolean"): boolean | undefined;
function optional(body: Record<string, unknown>, field: string, type: string): unknown {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) {
    throw badRequest(
      `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal ` +
        `${typeof value} into Go struct field DeleteOptions.${field}`,
    );
  }
  return value;
}

import type { Entry } from "../store/store.js";
import { StoreError } from "../store/store.js";
import type { Answer, Call, ListAnswer, Machinery } from "./call.js";
import { formatContinue, parseContinue } from "./continue-token.js";
import { badRequest, continueExpired, expired, versionTooLarge } from "./errors.js";
import { type ListOptions, readListOptions } from "./list-options.js";
import { keyRange, type StoredObject } from "./object-storage.js";
import { type Selection, select } from "./selection.js";

/** How many entries are read at once while a selector filters a limited list. */
const SCAN = 1_000;
const OLD_VERSION = "The resourceVersion for the provided list is too old.";

/** GET of a collection. */
export async function list(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readListOptions(call.query, false);
  const selection = selectionOf(call, options);
  const wanted = wantedRevision(options);
  if (wanted > machinery.hub.revision) await machinery.hub.reached(wanted, call.signal);
  return { type: "list", list: listObjects(machinery, call, options, selection) };
}

export function selectionOf(call: Call, options: ListOptions): Selection {
  const namespace = call.kind.namespaced ? call.info.namespace : undefined;
  const selection = select(call.kind, namespace, options.labelSelector, options.fieldSelector);
  if (call.info.name !== "" && selection.name !== undefined && selection.name !== call.info.name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return selection;
}

function wantedRevision(options: ListOptions): number {
  return options.continue === "" ? (options.resourceVersion ?? 0) : 0;
}

interface Page {
  readonly start: string;
  readonly end: string;
  readonly limit: number;
  readonly revision: number | undefined;
  readonly remaining: number | undefined;
}

/** One page of objects, at the state that the options ask for. Throws 410 where it is forgotten. */
export function listObjects(
  machinery: Machinery,
  call: Call,
  options: ListOptions,
  selection: Selection,
): ListAnswer {
  const page = pageOf(call, options);
  try {
    return readPage(machinery, call, page, selection);
  } catch (error) {
    if (StoreError.is(error, "future")) {
      throw versionTooLarge(page.revision ?? 0, machinery.objects.store.revision);
    }
    if (!StoreError.is(error, "compacted")) throw error;
    if (options.continue === "") throw expired(OLD_VERSION);
    const token = parseContinue(options.continue);
    throw continueExpired(formatContinue({ revision: -1, after: token.after, remaining: undefined }));
  }
}

function pageOf(call: Call, options: ListOptions): Page {
  const { start, end } = keyRange(call.kind, call.kind.namespaced ? call.info.namespace : undefined);
  if (options.continue !== "") {
    if (options.resourceVersion !== undefined && options.resourceVersion !== 0) {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    const token = parseContinue(options.continue);
    const next = `${call.kind.storage.prefix}/${token.after}\u0000`;
    const revision = token.revision === -1 ? undefined : token.revision;
    return { start: next, end, limit: options.limit, revision, remaining: token.remaining };
  }
  const exact =
    options.match === "Exact" ||
    (options.match === undefined && options.limit > 0 && (options.resourceVersion ?? 0) > 0);
  const anyVersion = options.match === undefined && options.resourceVersion === 0;
  return {
    start,
    end,
    limit: anyVersion ? 0 : options.limit,
    revision: exact ? options.resourceVersion : undefined,
    remaining: undefined,
  };
}

function readPage(machinery: Machinery, call: Call, page: Page, selection: Selection): ListAnswer {
  const found = collect(machinery, call, page, selection);
  const last = found.items.at(-1);
  const answer: ListAnswer = {
    kind: call.kind,
    items: found.items,
    resourceVersion: String(found.revision),
  };
  if (!found.more || last === undefined) return answer;
  const after = last.entry.key.slice(call.kind.storage.prefix.length + 1);
  const remaining =
    selection.matches === undefined ? remainingAfter(machinery, page, found.items.length) : undefined;
  return {
    ...answer,
    continue: formatContinue({ revision: found.revision, after, remaining }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}

function remainingAfter(machinery: Machinery, page: Page, shown: number): number {
  const total = page.remaining ?? machinery.objects.store.count(page.start, page.end);
  return Math.max(1, total - shown);
}

interface Found {
  readonly items: StoredObject[];
  readonly revision: number;
  readonly more: boolean;
}

function collect(machinery: Machinery, call: Call, page: Page, selection: Selection): Found {
  const { matches } = selection;
  const items: StoredObject[] = [];
  let { start } = page;
  let revision = page.revision;
  for (;;) {
    const limit = page.limit === 0 ? undefined : matches === undefined ? page.limit : SCAN;
    const result = machinery.objects.range({
      start,
      end: page.end,
      ...(limit === undefined ? {} : { limit }),
      ...(revision === undefined ? {} : { revision }),
    });
    revision = result.revision;
    for (const entry of result.entries) {
      const item = machinery.objects.wrap(call.kind, entry);
      if (matches !== undefined && !matches(item.object)) continue;
      if (page.limit > 0 && items.length === page.limit) return { items, revision, more: true };
      items.push(item);
    }
    const last: Entry | undefined = result.entries.at(-1);
    if (!result.more || last === undefined) return { items, revision, more: false };
    if (matches === undefined) return { items, revision, more: true };
    start = `${last.key}\u0000`;
  }
}

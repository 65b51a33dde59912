import type { Client } from "@capstan/controller";
import { formatTime, type KubeObject, objectHealth } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { parseReconciled, type ReconciledKind, reconciledKinds } from "../kinds.js";
import { field, isStatic, readyCondition, revisionOf } from "../output/reconciled-columns.js";

export interface ReconcileOptions extends ConnectionOptions {
  readonly namespace?: string;
  readonly withSource?: boolean;
  /** Upgrade a HelmRelease though it is in sync, or out of attempts. */
  readonly force?: boolean;
  /** Forget the failures of a HelmRelease. */
  readonly reset?: boolean;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
}

const REQUESTED_AT = "reconcile.fluxcd.io/requestedAt";
const FORCE_AT = "reconcile.fluxcd.io/forceAt";
const RESET_AT = "reconcile.fluxcd.io/resetAt";
const MANAGER = "capstan-cli";

/** `capstan reconcile KIND/NAME`: asks for a run now, and waits for how it ends. */
export async function reconcile(words: readonly string[], options: ReconcileOptions, io: Io): Promise<void> {
  const { kind, name } = parseReconciled(words);
  if ((options.force === true || options.reset === true) && kind.kind !== "HelmRelease") {
    throw new CommandError("--force and --reset go with a helmrelease", exitCode.usage);
  }
  const namespace = options.namespace ?? "capstan-system";
  await withClient(options, io, async (client) => {
    const object = await client.get({ ...kind, name, namespace }, { signal: io.signal });
    if (options.withSource === true) await reconcileSource(client, object, options, io);
    await reconcileOne(client, kind, object, options, io);
  });
}

async function reconcileSource(
  client: Client,
  object: KubeObject,
  options: ReconcileOptions,
  io: Io,
): Promise<void> {
  const reference =
    field(object, "spec", "sourceRef") ??
    field(object, "spec", "chartRef") ??
    field(object, "spec", "chart", "spec", "sourceRef");
  const word = field(reference, "kind");
  const name = field(reference, "name");
  const kind = reconciledKinds.find((each) => each.kind === word);
  if (kind === undefined || typeof name !== "string") {
    throw new CommandError(`${object.kind} ${object.metadata.name} names no source`, exitCode.usage);
  }
  const given = field(reference, "namespace");
  const namespace = typeof given === "string" ? given : (object.metadata.namespace ?? "");
  await reconcileOne(
    client,
    kind,
    await client.get({ ...kind, name, namespace }, { signal: io.signal }),
    options,
    io,
  );
}

async function reconcileOne(
  client: Client,
  kind: ReconciledKind,
  object: KubeObject,
  options: ReconcileOptions,
  io: Io,
): Promise<void> {
  const { name, namespace = "" } = object.metadata;
  if (field(object, "spec", "suspend") === true) throw new CommandError("resource is suspended");
  if (isStatic(object)) {
    io.progress.success("reconciliation not supported by the object");
    return;
  }
  io.progress.action(`annotating ${kind.kind} ${name} in ${namespace} namespace`);
  const token = `${formatTime(io.clock.now())}.${Buffer.from(io.random.bytes(4)).toString("hex")}`;
  const annotated = await client.patch(
    { ...kind, name, namespace },
    { type: "merge", body: { metadata: { annotations: requests(kind, token, options) } } },
    { fieldManager: MANAGER, signal: io.signal },
  );
  io.progress.success(`${kind.kind} annotated`);
  io.progress.waiting(`waiting for ${kind.kind} reconciliation`);
  const handled = (seen: KubeObject) => isHandled(seen, token, io.clock.now());
  const done = await untilHandled(client, kind, annotated, handled, options.timeoutMs, io);
  tellEnd(kind, done, io);
}

/** The annotations that ask for a run; a forced one carries its token twice. */
function requests(
  kind: ReconciledKind,
  token: string,
  options: Pick<ReconcileOptions, "force" | "reset">,
): Readonly<Record<string, string>> {
  const own = kind.kind === "HelmRelease";
  return {
    [REQUESTED_AT]: token,
    ...(own && options.force === true ? { [FORCE_AT]: token } : {}),
    ...(own && options.reset === true ? { [RESET_AT]: token } : {}),
  };
}

/** Says what came of a run; throws `CommandError` where it failed. */
function tellEnd(kind: ReconciledKind, done: KubeObject, io: Io): void {
  if (readyCondition(done)?.status !== "True") {
    throw new CommandError(`${kind.kind} reconciliation failed: '${readyCondition(done)?.message ?? ""}'`);
  }
  io.progress.success(`${kind.category === "source" ? "fetched" : "applied"} revision ${revisionOf(done)}`);
}

async function untilHandled(
  client: Client,
  kind: ReconciledKind,
  object: KubeObject,
  handled: (object: KubeObject) => boolean,
  timeoutMs: number,
  io: Io,
): Promise<KubeObject> {
  const stop = new AbortController();
  const cancel = io.clock.after(timeoutMs, () => stop.abort());
  const { name, namespace = "" } = object.metadata;
  const signal = AbortSignal.any([io.signal, stop.signal]);
  try {
    const events = client.watch(kind, { namespace, fieldSelector: `metadata.name=${name}`, signal });
    for await (const event of events) {
      if (event.type === "DELETED") throw new CommandError(`${kind.kind} ${name} was deleted meanwhile`);
      if (event.type === "ERROR" || event.type === "BOOKMARK") continue;
      if (handled(event.object)) return event.object;
    }
  } finally {
    cancel();
    stop.abort();
  }
  io.signal.throwIfAborted();
  throw new CommandError(
    `${kind.kind} ${name} was not reconciled within ${timeoutMs / 1000} seconds`,
    exitCode.notReady,
  );
}

function isHandled(object: KubeObject, token: string, now: number): boolean {
  if (field(object, "status", "lastHandledReconcileAt") !== token) return false;
  const { status } = objectHealth(object, { now });
  return status === "Current" || status === "Failed" || readyCondition(object)?.status === "False";
}

/** Whether the newest declaration was carried out, or failed to be. */
export function isCarriedOut(object: KubeObject, now: number): boolean {
  const ready = readyCondition(object);
  const observed = ready?.observedGeneration ?? field(object, "status", "observedGeneration");
  if (ready === undefined || observed !== object.metadata.generation) return false;
  return ready.status === "False" || objectHealth(object, { now }).status === "Current";
}

/** `capstan suspend`; `capstan resume`, which waits for the run that follows. */
export async function setSuspended(
  words: readonly string[],
  suspend: boolean,
  options: Omit<ReconcileOptions, "withSource">,
  io: Io,
): Promise<void> {
  const { kind, name } = parseReconciled(words);
  const namespace = options.namespace ?? "capstan-system";
  await withClient(options, io, async (client) => {
    io.progress.action(
      `${suspend ? "suspending" : "resuming"} ${kind.kind} ${name} in ${namespace} namespace`,
    );
    const patched = await client.patch(
      { ...kind, name, namespace },
      { type: "merge", body: { spec: { suspend } } },
      { fieldManager: MANAGER, signal: io.signal },
    );
    io.progress.success(`${kind.kind} ${suspend ? "suspended" : "resumed"}`);
    // Nobody reconciles an artifact that somebody else makes.
    if (suspend || kind.kind === "ExternalArtifact") return;
    io.progress.waiting(`waiting for ${kind.kind} reconciliation`);
    const handled = (seen: KubeObject) => isCarriedOut(seen, io.clock.now());
    tellEnd(kind, await untilHandled(client, kind, patched, handled, options.timeoutMs, io), io);
  });
}

import type { Client } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import type { Io } from "../io.js";
import { findReconciledKind } from "../kinds.js";
import { formatAge } from "../output/age.js";
import { field } from "../output/reconciled-columns.js";
import { objectStream } from "../output/stream.js";
import { type OutputFormat, renderView, type ViewColumn } from "../output/view.js";
import { resolveObject } from "../resolve-object.js";

export interface EventsOptions extends ConnectionOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  /** `KIND/NAME` of the object that events are about. */
  readonly for?: string;
  readonly watch?: boolean;
}

const EVENT = { apiVersion: "v1", kind: "Event" };

/** `capstan events`: what happened, the newest last. */
export async function events(options: EventsOptions, format: OutputFormat, io: Io): Promise<void> {
  const scope = options.allNamespaces === true ? {} : { namespace: options.namespace ?? "capstan-system" };
  const columns = () => eventColumns(options.allNamespaces === true, io.clock.now());
  await withClient(options, io, async (client) => {
    const subject = options.for === undefined ? undefined : await subjectOf(client, options.for, io.signal);
    const { items, metadata } = await client.list(EVENT, { ...scope, signal: io.signal });
    const found = items.filter((event) => isAbout(event, subject)).map((event) => ({ ...event, ...EVENT }));
    found.sort((a, b) => timeOf(a) - timeOf(b));
    if (options.watch !== true) {
      io.out(renderView({ kind: "objects", objects: found, columns: columns() }, format));
      return;
    }
    const stream = objectStream(format, columns, found);
    io.out(stream.head);
    for (const event of found) io.out(stream.next(event));
    const { resourceVersion = "" } = metadata;
    for await (const { type, object } of client.watch(EVENT, {
      ...scope,
      resourceVersion,
      signal: io.signal,
    })) {
      if ((type === "ADDED" || type === "MODIFIED") && isAbout(object, subject)) io.out(stream.next(object));
    }
  });
}

interface Subject {
  readonly kind: string;
  readonly name: string;
}

/** The kind and name behind `ks/demo`, `deploy/web` and the like. */
async function subjectOf(client: Client, text: string, signal: AbortSignal): Promise<Subject> {
  const slash = text.indexOf("/");
  const kind = findReconciledKind(text.slice(0, Math.max(slash, 0)))?.kind;
  return kind === undefined
    ? resolveObject(client, text, undefined, signal)
    : { kind, name: text.slice(slash + 1) };
}

function isAbout(event: KubeObject, subject: Subject | undefined): boolean {
  return (
    subject === undefined ||
    (field(event, "involvedObject", "kind") === subject.kind &&
      field(event, "involvedObject", "name") === subject.name)
  );
}

function timeOf(event: KubeObject): number {
  const time = field(event, "series", "lastObservedTime") ?? event["lastTimestamp"] ?? event["eventTime"];
  return Date.parse(typeof time === "string" ? time : (event.metadata.creationTimestamp ?? ""));
}

function eventColumns(withNamespace: boolean, now: number): readonly ViewColumn[] {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return [
    ...(withNamespace
      ? [{ header: "NAMESPACE", cell: (event: KubeObject) => event.metadata.namespace ?? "" }]
      : []),
    { header: "LAST SEEN", cell: (event) => formatAge(now - timeOf(event)) },
    { header: "TYPE", cell: (event) => text(event["type"]) },
    { header: "REASON", cell: (event) => text(event["reason"]) },
    {
      header: "OBJECT",
      cell: (event) =>
        `${text(field(event, "involvedObject", "kind")).toLowerCase()}/${text(field(event, "involvedObject", "name"))}`,
    },
    { header: "MESSAGE", cell: (event) => text(event["message"]).replace(/\s*\n\s*/g, "; ") },
  ];
}

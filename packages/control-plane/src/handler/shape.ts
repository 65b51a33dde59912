import type { Clock, KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { WatchedEvent } from "../watch/watched-event.js";
import type { Answer, ListAnswer, Query } from "./call.js";
import { listRequested } from "./errors.js";
import type { Accept } from "./negotiation.js";
import { listMetadata, listValue, partialMetadata, plainObject, type TableView } from "./views.js";

/** Turns answers into the views that clients asked for (Table, partial metadata) as plain data. */
export class AnswerShaper {
  readonly #tables: TableView;
  readonly #clock: Clock;

  constructor(tables: TableView, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  object(answer: Extract<Answer, { type: "object" }>, accept: Accept): unknown {
    const object = plainObject(answer.object);
    if (accept.as === "PartialObjectMetadata") return partialMetadata(object, accept.metaVersion ?? "v1");
    if (accept.as !== "Table" || answer.kind === undefined) return object;
    const { resourceVersion } = object.metadata;
    const metadata = resourceVersion === undefined ? {} : { resourceVersion };
    return this.#table(answer.kind, [object], accept, answer.includeObject, metadata, true);
  }

  list(list: ListAnswer, accept: Accept): unknown {
    if (accept.as === "PartialObjectMetadata") {
      throw listRequested(list.kind.listKind);
    }
    if (accept.as === undefined) return listValue(list);
    const objects = list.items.map((item) => item.object);
    if (accept.as === "Table") {
      return this.#table(list.kind, objects, accept, list.includeObject, listMetadata(list), true);
    }
    const metaVersion = accept.metaVersion ?? "v1";
    return {
      kind: "PartialObjectMetadataList",
      apiVersion: `meta.k8s.io/${metaVersion}`,
      metadata: listMetadata(list),
      items: objects.map((object) => partialMetadata(object, metaVersion)),
    };
  }

  /** How one watch's events are shaped; `undefined` where they go out as they are. */
  eventShaper(
    kind: ServedKind,
    accept: Accept,
    query: Query,
  ): ((event: WatchedEvent) => unknown) | undefined {
    if (accept.as === undefined) return undefined;
    if (accept.as !== "Table") {
      return (event) =>
        event.type === "ERROR"
          ? event.object
          : partialMetadata(event.object as KubeObject, accept.metaVersion ?? "v1");
    }
    let first = true;
    return (event) => {
      if (event.type === "ERROR") return event.object;
      const object = event.object as KubeObject;
      const { resourceVersion } = object.metadata;
      const metadata = resourceVersion === undefined ? {} : { resourceVersion };
      const table = this.#table(kind, [object], accept, query.get("includeObject"), metadata, first);
      first = false;
      return table;
    };
  }

  #table(
    kind: ServedKind,
    objects: readonly KubeObject[],
    accept: Accept,
    includeObject: string | undefined,
    metadata: Record<string, unknown>,
    withColumns: boolean,
  ): unknown {
    return this.#tables.table(kind, objects, {
      includeObject,
      metaVersion: accept.metaVersion ?? "v1",
      now: this.#clock.now(),
      metadata,
      withColumns,
    });
  }
}

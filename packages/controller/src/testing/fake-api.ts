import {
  type ApiRequest,
  type ApiResponse,
  applyMergePatch,
  type KubeObject,
  type Transport,
  type WatchEvent,
} from "@capstan/kube";
import { failure } from "../client/api-error.js";

/** A kind that the fake serves. */
export interface FakeKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

export const CONFIG_MAPS: FakeKind = {
  apiVersion: "v1",
  kind: "ConfigMap",
  resource: "configmaps",
  namespaced: true,
};
export const EVENTS: FakeKind = { apiVersion: "v1", kind: "Event", resource: "events", namespaced: true };
export const WIDGETS: FakeKind = {
  apiVersion: "example.dev/v1",
  kind: "Widget",
  resource: "widgets",
  namespaced: true,
};
export const LEASES: FakeKind = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  resource: "leases",
  namespaced: true,
};
export const DEFINITIONS: FakeKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  resource: "customresourcedefinitions",
  namespaced: false,
};

interface Target {
  readonly kind: FakeKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The least API that controllers can be tested on: objects, versions, watches; no validation. */
export class FakeApi implements Transport {
  readonly requests: ApiRequest[] = [];
  readonly kinds: FakeKind[];
  /** Answers instead of the fake where it returns something. */
  intercept: (request: ApiRequest) => ApiResponse | undefined = () => undefined;
  watchList = true;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Set<{ kind: FakeKind; push: (event: WatchEvent | undefined) => void }>();
  #version = 100;

  constructor(kinds: readonly FakeKind[] = [CONFIG_MAPS, EVENTS, WIDGETS, LEASES, DEFINITIONS]) {
    this.kinds = [...kinds];
  }

  /** Requests that changed something, as `METHOD path`. */
  get writes(): string[] {
    return this.requests.filter((r) => r.method !== "GET").map((r) => `${r.method} ${r.path}`);
  }

  objects(kind: FakeKind): KubeObject[] {
    return [...this.#objects.values()].filter(
      (o) => o.kind === kind.kind && o.apiVersion === kind.apiVersion,
    );
  }

  find(kind: FakeKind, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(id(kind, namespace, name));
  }

  /** Puts an object there as if somebody else had written it. */
  put(object: KubeObject): KubeObject {
    const kind = this.#kindOf(object);
    const key = id(kind, object.metadata.namespace, object.metadata.name);
    const before = this.#objects.get(key);
    const specChanged = JSON.stringify(before?.["spec"]) !== JSON.stringify(object["spec"]);
    this.#version += 1;
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? object.metadata.uid ?? `uid-${this.#version}`,
        generation: (before?.metadata.generation ?? 0) + (specChanged || before === undefined ? 1 : 0),
        resourceVersion: String(this.#version),
      },
    };
    if (stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0) {
      this.#objects.delete(key);
      this.#tell(kind, { type: "DELETED", object: stored });
      return stored;
    }
    this.#objects.set(key, stored);
    this.#tell(kind, { type: before === undefined ? "ADDED" : "MODIFIED", object: stored });
    return stored;
  }

  /** Deletes, or marks as deleted where finalizers hold the object. */
  remove(kind: FakeKind, namespace: string | undefined, name: string): void {
    const object = this.find(kind, namespace, name);
    if (object === undefined) return;
    this.put({ ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
  }

  /** Ends every watch, after an error where one is given. */
  breakWatches(error?: WatchEvent): void {
    for (const watcher of [...this.#watchers]) {
      if (error !== undefined) watcher.push(error);
      watcher.push(undefined);
    }
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    this.requests.push(request);
    request.signal?.throwIfAborted();
    const intercepted = this.intercept(request);
    if (intercepted !== undefined) return intercepted;
    const discovered = this.#discover(request.path);
    if (discovered !== undefined) return ok(discovered);
    const target = this.#target(request.path);
    if (target === undefined)
      return refuse(404, "NotFound", "the server could not find the requested resource");
    return this.#serve(request, target);
  }

  async watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>> {
    this.requests.push(request);
    const intercepted = this.intercept(request);
    const target = this.#target(request.path);
    if (intercepted !== undefined) throw failure(intercepted.status, "Invalid", "refused");
    if (target === undefined)
      throw failure(404, "NotFound", "the server could not find the requested resource");
    const initial = request.query?.["sendInitialEvents"] === "true";
    if (initial && !this.watchList) throw failure(422, "Invalid", "sendInitialEvents is forbidden");
    return this.#events(target, initial, Number(request.query?.["resourceVersion"] ?? 0), request.signal);
  }

  async stream(): Promise<AsyncIterable<Uint8Array>> {
    throw new Error("the fake has no streams");
  }

  async close(): Promise<void> {
    this.breakWatches();
  }

  async *#events(
    target: Target,
    initial: boolean,
    after: number,
    signal?: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const queue: (WatchEvent | undefined)[] = [];
    let wake: () => void = () => undefined;
    const watcher = {
      kind: target.kind,
      push: (event: WatchEvent | undefined) => {
        queue.push(event);
        wake();
      },
    };
    for (const object of this.objects(target.kind)) {
      if (initial || Number(object.metadata.resourceVersion) > after) queue.push({ type: "ADDED", object });
    }
    if (initial) queue.push(this.#bookmark(target.kind));
    this.#watchers.add(watcher);
    const stop = () => watcher.push(undefined);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        if (queue.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const event = queue.shift();
        if (event === undefined) return;
        yield event;
      }
    } finally {
      this.#watchers.delete(watcher);
      signal?.removeEventListener("abort", stop);
    }
  }

  #bookmark(kind: FakeKind): WatchEvent {
    const { apiVersion } = kind;
    const annotations = { "k8s.io/initial-events-end": "true" };
    const metadata = { name: "", resourceVersion: String(this.#version), annotations };
    return { type: "BOOKMARK", object: { apiVersion, kind: kind.kind, metadata } };
  }

  #serve(request: ApiRequest, target: Target): ApiResponse {
    const { kind, namespace, name } = target;
    if (request.method === "GET" && name === undefined) {
      const items = this.objects(kind).filter(
        (o) => namespace === undefined || o.metadata.namespace === namespace,
      );
      return ok({
        apiVersion: kind.apiVersion,
        kind: `${kind.kind}List`,
        metadata: { resourceVersion: String(this.#version) },
        items,
      });
    }
    if (request.method === "POST") {
      const object = request.body as KubeObject;
      if (this.find(kind, namespace, object.metadata.name) !== undefined)
        return refuse(409, "AlreadyExists", "exists");
      return { ...ok(this.put(object)), status: 201 };
    }
    const current = this.find(kind, namespace, name ?? "");
    if (request.method === "PATCH" && request.contentType?.includes("apply") === true) {
      const applied = request.body as KubeObject;
      return ok(
        this.#store(current, {
          ...current,
          ...applied,
          metadata: { ...current?.metadata, ...applied.metadata },
        }),
      );
    }
    if (current === undefined) return refuse(404, "NotFound", `${kind.resource} "${name}" not found`, name);
    return this.#change(request, target, current);
  }

  #change(request: ApiRequest, target: Target, current: KubeObject): ApiResponse {
    if (request.method === "GET") return ok(current);
    if (request.method === "DELETE") {
      this.remove(target.kind, target.namespace, target.name ?? "");
      return ok(current);
    }
    const body = request.body as KubeObject;
    const { resourceVersion, uid } = body.metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
      return refuse(409, "Conflict", "the object has been modified");
    }
    if (uid !== undefined && uid !== current.metadata.uid) return refuse(409, "Conflict", "uid mismatch");
    const next = (request.method === "PUT" ? body : applyMergePatch(current, body)) as KubeObject;
    return ok(this.#store(current, next));
  }

  #store(current: KubeObject | undefined, next: KubeObject): KubeObject {
    const bare = (object: KubeObject | undefined) =>
      object === undefined
        ? ""
        : JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: "" } });
    return current !== undefined && bare(current) === bare(next) ? current : this.put(next);
  }

  #discover(path: string): unknown {
    const versions = [...new Set(this.kinds.map((kind) => kind.apiVersion))];
    if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
    if (path === "/apis") {
      const groups = versions
        .filter((v) => v.includes("/"))
        .map((v) => ({ name: v.split("/")[0], versions: [{ groupVersion: v }] }));
      return { kind: "APIGroupList", groups };
    }
    const version = versions.find((candidate) => path === root(candidate));
    if (version === undefined) return undefined;
    const resources = this.kinds
      .filter((kind) => kind.apiVersion === version)
      .flatMap(({ kind, resource, namespaced }) => [
        { name: resource, kind, namespaced, verbs: ["get", "list", "watch"] },
        { name: `${resource}/status`, kind, namespaced, verbs: ["get", "patch"] },
      ]);
    return { kind: "APIResourceList", groupVersion: version, resources };
  }

  #target(path: string): Target | undefined {
    for (const kind of this.kinds) {
      const base = `${root(kind.apiVersion)}/`;
      if (!path.startsWith(base)) continue;
      const segments = path.slice(base.length).split("/").map(decodeURIComponent);
      const namespace = segments[0] === "namespaces" && segments.length > 2 ? segments[1] : undefined;
      const [resource, name, subresource] = namespace === undefined ? segments : segments.slice(2);
      if (resource === kind.resource) return { kind, namespace, name, subresource };
    }
    return undefined;
  }

  #kindOf(object: KubeObject): FakeKind {
    const kind = this.kinds.find((k) => k.kind === object.kind && k.apiVersion === object.apiVersion);
    if (kind === undefined) throw new Error(`the fake serves no ${object.apiVersion} ${object.kind}`);
    return kind;
  }

  #tell(kind: FakeKind, event: WatchEvent): void {
    for (const watcher of this.#watchers) if (watcher.kind.kind === kind.kind) watcher.push(event);
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function id(kind: FakeKind, namespace: string | undefined, name: string): string {
  return `${kind.apiVersion}|${kind.kind}|${namespace ?? ""}|${name}`;
}

function ok(body: unknown): ApiResponse {
  return { status: 200, warnings: [], body };
}

function refuse(
  code: number,
  reason: "NotFound" | "Conflict" | "AlreadyExists",
  message: string,
  name?: string,
): ApiResponse {
  const body = failure(code, reason, message, name === undefined ? undefined : { name }).status;
  return { status: code, warnings: [], body };
}

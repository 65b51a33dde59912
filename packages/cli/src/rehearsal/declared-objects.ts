import type { CallOptions, ListOptions, Reader, ResourceInfo } from "@capstan/controller";
import {
  ApiError,
  formatApiVersion,
  gvkOf,
  type KubeObject,
  type ObjectList,
  type ObjectRef,
  type TypeMeta,
  type WatchEvent,
} from "@capstan/kube";

/** The objects that a cluster's units have delivered so far, read as an API would be. */
export class DeclaredObjects implements Reader {
  readonly #objects = new Map<string, KubeObject>();

  add(object: KubeObject): void {
    this.#objects.set(keyOf({ ...object, ...object.metadata }), object);
  }

  has(ref: ObjectRef): boolean {
    return this.#objects.has(keyOf(ref));
  }

  /** Objects of a kind, in any version of it. */
  ofKind(group: string, kind: string): readonly KubeObject[] {
    return [...this.#objects.values()].filter((object) => {
      const gvk = gvkOf(object);
      return gvk.group === group && gvk.kind === kind;
    });
  }

  find(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref));
  }

  async get<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T> {
    const found = this.find(ref);
    if (found !== undefined) return found as T;
    throw new ApiError({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "NotFound",
      code: 404,
      message: `${ref.kind} ${JSON.stringify(ref.name)} is not in the repository`,
    });
  }

  async tryGet<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    return this.find(ref) as T | undefined;
  }

  async list<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const { group, kind } = gvkOf(type);
    const items = this.ofKind(group, kind).filter(
      ({ metadata }) => options.namespace === undefined || metadata.namespace === options.namespace,
    );
    return { apiVersion: type.apiVersion, kind: `${kind}List`, metadata: {}, items: items as T[] };
  }

  async *listAll<T extends KubeObject = KubeObject>(type: TypeMeta, options?: ListOptions): AsyncIterable<T> {
    yield* (await this.list<T>(type, options)).items;
  }

  async *watch<T extends KubeObject = KubeObject>(): AsyncIterable<WatchEvent<T>> {
    // What is declared does not change: a watch has nothing to tell.
  }

  async resourceFor(_type: TypeMeta, _options?: CallOptions): Promise<ResourceInfo | undefined> {
    return undefined;
  }

  async resources(): Promise<readonly ResourceInfo[]> {
    return [];
  }
}

function keyOf(ref: { apiVersion: string; kind: string; name: string; namespace?: string }): string {
  const { group, kind } = gvkOf(ref);
  return `${formatApiVersion(group, "")}|${kind}|${ref.namespace ?? ""}|${ref.name}`;
}

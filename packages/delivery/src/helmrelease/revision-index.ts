import type { InformerLease, InformerSet } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { type Revision, type RevisionIndex, revisionOf } from "../helm-actions/storage.js";

const SECRET = { apiVersion: "v1", kind: "Secret" } as const;
const RELEASE = "release";

/** Which revisions are stored, by a watch of the metadata of their Secrets. */
export class WatchedRevisions implements RevisionIndex {
  readonly #lease: InformerLease;

  constructor(informers: InformerSet) {
    this.#lease = informers.acquire(SECRET, { labelSelector: "owner=helm", metadataOnly: true });
    this.#lease.informer.addIndex(RELEASE, ({ metadata }) => [
      `${metadata.namespace ?? ""}/${metadata.labels?.["name"] ?? ""}`,
    ]);
  }

  revisions(namespace: string, name: string): readonly Revision[] | undefined {
    const { informer } = this.#lease;
    if (!informer.synced) return undefined;
    return informer.byIndex(RELEASE, `${namespace}/${name}`).map(revisionOf);
  }

  note({ apiVersion, kind, metadata }: KubeObject): void {
    this.#lease.informer.observe({ apiVersion, kind, metadata });
  }
}

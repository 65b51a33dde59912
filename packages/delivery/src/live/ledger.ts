import type { DesiredObject } from "../render/desired-object.js";
import type { LiveRecord } from "./live-record.js";

/** How an object looked when we had just applied it. */
export interface Expected {
  readonly digest: string;
  readonly owned: string;
  readonly uid: string;
}

/**
 * What was applied for each Kustomization, as far as this process knows. Losing it costs applies that
 * change nothing.
 */
export class Ledger {
  readonly #accounts = new Map<string, Map<string, Expected>>();

  /** What is expected of one object of an owner. */
  expected(owner: string, id: string): Expected | undefined {
    return this.#accounts.get(owner)?.get(id);
  }

  /** Notes what an apply returned. */
  note(owner: string, desired: Pick<DesiredObject, "id" | "digest">, record: LiveRecord): void {
    let account = this.#accounts.get(owner);
    if (account === undefined) {
      account = new Map();
      this.#accounts.set(owner, account);
    }
    account.set(desired.id, {
      digest: desired.digest,
      owned: record.live.owned,
      uid: record.metadata.uid ?? "",
    });
  }

  /** Forgets the objects that an owner no longer has. */
  retain(owner: string, ids: ReadonlySet<string>): void {
    const account = this.#accounts.get(owner);
    for (const id of account?.keys() ?? []) if (!ids.has(id)) account?.delete(id);
  }

  forget(owner: string): void {
    this.#accounts.delete(owner);
  }
}

/** Whether somebody changed an object since it was applied, or added to it what we undo. */
export function hasDrifted(expected: Expected, record: LiveRecord | undefined): boolean {
  if (record === undefined) return true;
  const { owned, rivals, policies } = record.live;
  return (
    record.metadata.uid !== expected.uid || owned !== expected.owned || (rivals.length > 0 && !policies.merge)
  );
}

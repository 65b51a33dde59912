import type { ReleaseRecord } from "@capstan/helm";
import { sha256Hex } from "@capstan/kube";

/** What is known of a live object: it was as its manifest declares when it looked like this. */
interface Verified {
  readonly manifest: string;
  readonly fingerprint: string;
}

/**
 * Which live objects of which releases were found as declared. Losing it costs comparisons that find
 * nothing.
 */
export class DriftLedger {
  readonly #owners = new Map<string, Map<string, Verified>>();

  /** What a release's manifest is known by. */
  manifestOf(record: ReleaseRecord): string {
    return sha256Hex(record.manifest ?? "");
  }

  /** Whether an object that looks like this is known to be as a manifest declares. */
  isVerified(owner: string, id: string, manifest: string, fingerprint: string): boolean {
    const known = this.#owners.get(owner)?.get(id);
    return known?.manifest === manifest && known.fingerprint === fingerprint;
  }

  /** Whether an object was found as declared. */
  knows(owner: string, id: string): boolean {
    return this.#owners.get(owner)?.has(id) ?? false;
  }

  /** Whether anything is known of an object that looked otherwise. */
  differs(owner: string, id: string, fingerprint: string | undefined): boolean {
    const known = this.#owners.get(owner)?.get(id);
    return known !== undefined && known.fingerprint !== fingerprint;
  }

  verify(owner: string, id: string, manifest: string, fingerprint: string): void {
    const known = this.#owners.get(owner) ?? new Map<string, Verified>();
    this.#owners.set(owner, known);
    known.set(id, { manifest, fingerprint });
  }

  /** Nothing is known of an object any more. */
  doubt(owner: string, id: string): void {
    this.#owners.get(owner)?.delete(id);
  }

  forget(owner: string): void {
    this.#owners.delete(owner);
  }
}

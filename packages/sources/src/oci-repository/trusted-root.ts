import type { Clock } from "@capstan/kube";
import { publicTrustedRoot } from "@capstan/oci";

const FRESH_MS = 24 * 60 * 60_000;
const RETRY_MS = 60_000;

/** The root of the public Sigstore, asked for once a day, and after a failure once a minute at most. */
export class PublicRoot {
  readonly #clock: Clock;
  readonly #read: () => Promise<string>;
  #current: { readonly root: Promise<string>; readonly until: number } | undefined;

  constructor(clock: Clock, directory: string, read = () => publicTrustedRoot(directory)) {
    this.#clock = clock;
    this.#read = read;
  }

  /** The text of `trusted_root.json`. Throws `OciError`. */
  get(): Promise<string> {
    const now = this.#clock.now();
    if (this.#current !== undefined && now < this.#current.until) return this.#current.root;
    const root = this.#read();
    const current = { root, until: now + FRESH_MS };
    this.#current = current;
    root.catch(() => {
      if (this.#current === current) this.#current = { root, until: now + RETRY_MS };
    });
    return root;
  }
}

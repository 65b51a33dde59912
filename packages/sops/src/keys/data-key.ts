import { SopsError } from "../errors.js";
import type { MasterKey, Metadata } from "../metadata/metadata.js";
import { type KeyRing, unavailable } from "./key-ring.js";
import { combineShares } from "./shamir.js";

/** Keys at hand are tried first, as SOPS does. */
const ORDER: readonly MasterKey["kind"][] = ["age", "pgp"];

/**
 * The data key of a file: what a key of its group opens, or put together from the parts of several groups.
 *
 * @throws {SopsError} `no-data-key`, with the reason for each key; `malformed`
 */
export async function openDataKey(metadata: Metadata, ring: KeyRing): Promise<Uint8Array> {
  const { groups, shamirThreshold } = metadata;
  const parts: Uint8Array[] = [];
  const failures: string[] = [];
  for (const group of groups) {
    const part = await openGroup(group, ring, failures);
    if (part !== undefined) parts.push(part);
  }
  if (groups.length === 1) {
    const [part] = parts;
    if (part === undefined) throw none("no key opens the file", failures);
    return part;
  }
  if (parts.length < Math.max(shamirThreshold, 2)) {
    const got = `${parts.length} of the ${shamirThreshold} key groups that are needed could be opened`;
    throw none(got, failures);
  }
  return combineShares(parts);
}

function none(reason: string, failures: readonly string[]): SopsError {
  return new SopsError("no-data-key", `${reason}: ${failures.join("; ")}`);
}

async function openGroup(
  group: readonly MasterKey[],
  ring: KeyRing,
  failures: string[],
): Promise<Uint8Array | undefined> {
  const rank = ({ kind }: MasterKey) => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  for (const key of [...group].sort((a, b) => rank(a) - rank(b))) {
    const opener = ring.get(key.kind);
    try {
      if (opener === undefined) throw unavailable(key);
      return await opener(key);
    } catch (error) {
      if (!(error instanceof SopsError)) throw error;
      failures.push(`${key.name}: ${error.message}`);
    }
  }
  return undefined;
}

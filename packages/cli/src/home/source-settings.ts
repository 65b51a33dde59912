import type { DigestAlgorithm, Retention } from "@capstan/artifacts";
import { parseDuration, parseQuantity, quantityValue } from "@capstan/kube";
import { CommandError, exitCode } from "../exit-code.js";
import type { SourceFlags } from "./source-flags.js";

/** What the flags say. */
export interface SourceSettings {
  /** Bytes that one fetch may bring, and that one commit's files may have. */
  readonly maxRepositoryBytes: number;
  readonly algorithm: DigestAlgorithm;
  readonly retention: Retention;
}

/** Reads the flags; throws `CommandError` for what they do not take. */
export function sourceSettings(flags: SourceFlags): SourceSettings {
  const { maxRepositorySize = "100Mi", artifactRetentionTtl = "60s", artifactRetentionRecords = "2" } = flags;
  const records = Number(artifactRetentionRecords);
  if (!Number.isInteger(records) || records < 1) refuse("--artifact-retention-records", "a number above 0");
  const bytes = read("--max-repository-size", "a size such as 200Mi", () =>
    quantityValue(parseQuantity(maxRepositorySize)),
  );
  if (bytes <= 0) refuse("--max-repository-size", "a size such as 200Mi");
  const ttlMs = read("--artifact-retention-ttl", "a duration such as 60s", () =>
    parseDuration(artifactRetentionTtl),
  );
  return {
    maxRepositoryBytes: bytes,
    algorithm: algorithmOf(flags.artifactDigestAlgo ?? "sha256"),
    retention: { ttlMs, records },
  };
}

function algorithmOf(name: string): DigestAlgorithm {
  if (name === "sha256" || name === "sha384" || name === "sha512" || name === "blake3") return name;
  return refuse("--artifact-digest-algo", "sha256, sha384, sha512 or blake3");
}

function read<T>(flag: string, takes: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CommandError(`${flag} takes ${takes}`, exitCode.usage, { cause: error });
  }
}

function refuse(flag: string, takes: string): never {
  throw new CommandError(`${flag} takes ${takes}`, exitCode.usage);
}

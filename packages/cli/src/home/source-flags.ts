import type { Command } from "commander";

/** Flags about sources and their artifacts, as Flux names them where it has them. */
export interface SourceFlags {
  readonly maxRepositorySize?: string;
  readonly artifactDigestAlgo?: string;
  readonly artifactRetentionTtl?: string;
  readonly artifactRetentionRecords?: string;
}

/** Adds the flags to a command. */
export function addSourceFlags(command: Command): Command {
  return command
    .option("--max-repository-size <quantity>", "largest repository that is fetched", "100Mi")
    .option("--artifact-digest-algo <name>", "sha256, sha384, sha512 or blake3", "sha256")
    .option("--artifact-retention-ttl <duration>", "how long replaced artifacts are kept", "60s")
    .option("--artifact-retention-records <number>", "how many artifacts of a source are kept", "2");
}

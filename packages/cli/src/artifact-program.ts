import type { Command } from "commander";
import { exitAsDiff } from "./exit-as-diff.js";
import type { Io } from "./io.js";

/** The commands on artifacts in registries: push, pull, list, tag, diff and build. */
export function addArtifacts(program: Command, io: Io): void {
  withContents(
    registry(program.command("push").description("push files to a registry").command("artifact <address>")),
  )
    .description("pack a directory or a file and push it as oci://HOST/PATH:TAG")
    .option("-f, --path <path>", "directory or file; - for standard input")
    .option("--source <url>", "where the files come from, e.g. the Git URL")
    .option("--revision <revision>", "which revision they are: BRANCH@sha1:COMMIT")
    .option("-a, --annotations <pair>", "KEY=VALUE to put on the artifact, repeatable", collect)
    .option("--reproducible", "give the same files the same digest: as if made in 1970")
    .option("-o, --output <format>", "json or yaml: what was pushed, on standard output")
    .action(async (address: string, options) => {
      const { pushArtifactCommand } = await import("./commands/artifact.js");
      await pushArtifactCommand(address, options, io, standardInput);
    });
  registry(program.command("pull").description("pull files from a registry").command("artifact <address>"))
    .description("download an artifact and unpack it")
    .option("-o, --output <directory>", "where its files go; has to be there")
    .action(async (address: string, options) => {
      const { pullArtifactCommand } = await import("./commands/artifact.js");
      await pullArtifactCommand(address, options, io);
    });
  registry(program.command("list").description("list what is in a registry").command("artifacts <address>"))
    .description("the tags of oci://HOST/PATH with source and revision")
    .option("--filter-semver <range>", "only versions in this range")
    .option("--filter-regex <expression>", "only tags that match")
    .action(async (address: string, options) => {
      const { listArtifacts } = await import("./commands/artifact.js");
      await listArtifacts(address, options, io);
    });
  registry(program.command("tag").description("tag what is in a registry").command("artifact <address>"))
    .description("give an artifact more tags")
    .option("--tag <tag>", "the tag, repeatable", collect)
    .action(async (address: string, options) => {
      const { tagArtifact } = await import("./commands/artifact.js");
      await tagArtifact(address, options, io);
    });
  withContents(registry(existing(program, "diff").command("artifact <address>")))
    .description("whether a directory or a file is what an artifact holds (exit code 1 if not)")
    .option("--path <path>", "directory or file")
    .action(async (address: string, _, command: Command) => {
      process.exitCode = await exitAsDiff(async () => {
        const { diffArtifact } = await import("./commands/artifact.js");
        return diffArtifact(address, command.optsWithGlobals(), io);
      });
    });
  withContents(existing(program, "build").command("artifact"))
    .description("pack a directory or a file into an archive, as push artifact does")
    .option("-p, --path <path>", "directory or file; - for standard input")
    .option("-o, --output <file>", "the archive", "artifact.tgz")
    .action(async (_, command: Command) => {
      const { buildArtifact } = await import("./commands/artifact.js");
      await buildArtifact(command.optsWithGlobals(), io, standardInput);
    });
}

function existing(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`there is no command ${name} to add to`);
  return found;
}

function registry(command: Command): Command {
  return command
    .option("--creds <login>", "USER:PASSWORD, or a token; Docker's own logins where left out")
    .option("--provider <name>", "how to log in: generic, aws, azure or gcp", "generic")
    .option("--insecure-registry", "take any certificate, and plain HTTP");
}

function withContents(command: Command): Command {
  return command
    .option("--ignore-paths <patterns>", "patterns to leave out, as in .gitignore, repeatable", collect)
    .option("--add-ignore-paths <patterns>", "more patterns to leave out, repeatable", collect)
    .option("--resolve-symlinks", "put what links lead to in their place");
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

async function standardInput(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString("utf8");
}

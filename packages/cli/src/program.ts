import { Command } from "commander";
import { addArtifacts } from "./artifact-program.js";
import { addBuilding } from "./building-program.js";
import { completionScript } from "./completion.js";
import { exitAsDiff } from "./exit-as-diff.js";
import { CommandError, exitCode } from "./exit-code.js";
import { addDeliveryFlags } from "./home/delivery-flags.js";
import { addFluxFlags } from "./home/flux-flags.js";
import { addSourceFlags } from "./home/source-flags.js";
import type { Io } from "./io.js";
import { parseOutputFormat, renderView } from "./output/view.js";
import { version } from "./version.js";

/** The command line: what it takes and which file carries it out. Commands are loaded when they are used. */
export function createProgram(io: Io): Command {
  const program = new Command("capstan")
    .description("GitOps with a Kubernetes-compatible API of its own, or on any cluster")
    .version(version, "-V, --version")
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) });
  addHomes(program, io);
  addReading(program, io);
  addActing(program, io);
  addTools(program, io);
  addArtifacts(program, io);
  return program;
}

function addHomes(program: Command, io: Io): void {
  addSourceFlags(program.command("up [repo]"))
    .description("start the embedded home and follow a repository, or a demo where none is named")
    .option("--path <path>", "directory of the repository to apply")
    .option("--branch <branch>", "branch to follow; the repository's own where left out")
    .option("--namespace <namespace>", "where objects go that name none", "default")
    .option(
      "--as <name>",
      "name of the source and its kustomization; flux-system: as flux bootstrap has them",
    )
    .option("--data-dir <directory>", "where everything is kept; ~/.capstan where left out")
    .option("--port <port>", "port of the API; Git and artifacts take the next one; 0: free ones")
    .option("--audit-log <file>", "write down who asked the API what, one JSON object a line")
    .option("--audit-policy <file>", "what is written down: an audit.k8s.io/v1 Policy")
    .option("--api-only", "the API and its workloads alone, for controllers of others: nothing is followed")
    .action(async (repo: string | undefined, options) => {
      const { up } = await import("./commands/up.js");
      await up({ ...options, ...(repo === undefined ? {} : { repo }) }, io);
    });
  addFluxFlags(addSourceFlags(addDeliveryFlags(program.command("controllers"))))
    .description("run the reconcilers alone, against any Kubernetes API")
    .option("--kubeconfig <file>", "the cluster; KUBECONFIG, or the one it runs in, where left out")
    .option("--context <name>", "context of the kubeconfig")
    .option("--data-dir <directory>", "where artifacts are kept")
    .option("--storage-addr <host:port>", "address to serve artifacts on", "127.0.0.1:9090")
    .option("--storage-adv-addr <address>", "address under which others reach them")
    .option("--health-addr <host:port>", "address of /healthz, /readyz and /metrics", "127.0.0.1:9440")
    .option("--leader-election", "run only while holding a Lease")
    .option("--namespace <namespace>", "namespace of the Lease", "capstan-system")
    .option("--no-install-definitions", "leave the CustomResourceDefinitions as they are")
    .option("--allow-local", "let sources name directories of this machine")
    .option("--watch-label-selector <selector>", "only objects with these labels: a shard")
    .option("--concurrent <number>", "objects of a kind that are handled at a time")
    .action(async (options) => {
      const { controllers } = await import("./commands/controllers.js");
      await controllers(options, io);
    });
  program
    .command("install")
    .description("print the manifests that run the controllers on a cluster")
    .option("--export", "print them (nothing else is done)")
    .option("--namespace <namespace>", "where they run", "capstan-system")
    .option("--image <image>", "image of the controllers")
    .option("--no-cluster-admin", "do not let them apply whatever a repository says")
    .option("-o, --output <format>", "json or yaml", "yaml")
    .action(async ({ output, ...options }) => {
      const { install } = await import("./commands/install.js");
      if (options.export === true && options.image === undefined) {
        io.progress.warning("the Deployment names an image that you have to build; set it with --image");
      }
      io.out(renderView(install(options), parseOutputFormat(output)));
    });
}

/** The options of every command that speaks to an API. */
function connected(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "a cluster; the running embedded home where left out")
    .option("--context <name>", "context of the kubeconfig")
    .option("--data-dir <directory>", "data directory of the embedded home");
}

function addReading(program: Command, io: Io): void {
  program
    .command("status")
    .description("where the running Capstan is, and whether all it follows is ready (exit code 3 if not)")
    .option("--data-dir <directory>", "data directory of the embedded home")
    .option("-o, --output <format>", "json or yaml")
    .action(async ({ output, ...options }) => {
      const { status } = await import("./commands/status.js");
      const { view, ready } = await status(options, io);
      io.out(renderView(view, parseOutputFormat(output)));
      if (!ready) process.exitCode = exitCode.notReady;
    });
  connected(program.command("get [words...]"))
    .description("sources, kustomizations, all, or one KIND [NAME]")
    .option("-n, --namespace <namespace>", "namespace", "capstan-system")
    .option("-A, --all-namespaces", "every namespace")
    .option("-l, --selector <selector>", "labels to select by")
    .option("-w, --watch", "go on with what changes")
    .option("-o, --output <format>", "json, yaml, name or wide")
    .action(async (words: string[], { output, ...options }) => {
      const { get } = await import("./commands/get.js");
      await get(words, options, parseOutputFormat(output), io);
    });
  connected(program.command("tree <words...>"))
    .description("what a kustomization applied, what came of it, and how each object is")
    .option("-n, --namespace <namespace>", "namespace", "capstan-system")
    .option("-o, --output <format>", "json or yaml")
    .action(async (words: string[], { output, ...options }) => {
      const { tree } = await import("./commands/tree.js");
      io.out(renderView(await tree(words, options, io), parseOutputFormat(output)));
    });
  connected(program.command("trace <object>"))
    .description("from a live KIND/NAME back to the commit and file it came from")
    .option("-n, --namespace <namespace>", "namespace of the object", "default")
    .option("-o, --output <format>", "json or yaml")
    .action(async (object: string, { output, ...options }) => {
      const { trace } = await import("./commands/trace.js");
      io.out(renderView(await trace(object, options, io), parseOutputFormat(output)));
    });
  connected(program.command("diff <words...>"))
    .description("what the next reconcile would change (exit code 1 if anything)")
    .option("--path <path>", "directory that takes the place of the kustomization's own")
    .option("--kustomization-file <file>", "the Kustomization, in the place of the cluster's")
    .option("--strict-substitute", "fail on variables that nothing sets")
    .option("--ignore-paths <patterns>", "paths to leave out, with commas between")
    .option("-n, --namespace <namespace>", "namespace", "capstan-system")
    .option("-o, --output <format>", "json or yaml")
    .action(async (words: string[], { output, ...options }) => {
      process.exitCode = await exitAsDiff(async () => {
        const { diff } = await import("./commands/diff.js");
        const { view, differs } = await diff(words, options, io);
        io.out(renderView(view, parseOutputFormat(output)));
        return differs;
      });
    });
  connected(program.command("events"))
    .description("what happened, the newest last")
    .option("-n, --namespace <namespace>", "namespace", "capstan-system")
    .option("-A, --all-namespaces", "every namespace")
    .option("--for <object>", "only about this KIND/NAME")
    .option("-w, --watch", "go on with what happens")
    .option("-o, --output <format>", "json, yaml or name")
    .action(async ({ output, ...options }) => {
      const { events } = await import("./commands/events.js");
      await events(options, parseOutputFormat(output), io);
    });
  program
    .command("logs")
    .description("what the embedded home's controllers logged")
    .option("-f, --follow", "go on with what is logged")
    .option("--data-dir <directory>", "data directory of the embedded home")
    .action(async (options) => {
      const { logs } = await import("./commands/logs.js");
      await logs(options, io);
    });
}

function addActing(program: Command, io: Io): void {
  connected(program.command("reconcile <words...>"))
    .description("run KIND/NAME now and wait for the end")
    .option("-n, --namespace <namespace>", "namespace", "capstan-system")
    .option("--with-source", "its source first")
    .option("--force", "upgrade a helmrelease though it is in sync, or out of attempts")
    .option("--reset", "forget the failures of a helmrelease")
    .option("--timeout <seconds>", "how long to wait", "300")
    .action(async (words: string[], { timeout, ...options }) => {
      const { reconcile } = await import("./commands/reconcile.js");
      await reconcile(words, { ...options, timeoutMs: milliseconds(timeout) }, io);
    });
  for (const suspend of [true, false]) {
    const command = connected(program.command(`${suspend ? "suspend" : "resume"} <words...>`))
      .description(
        suspend ? "stop reconciling KIND/NAME" : "reconcile KIND/NAME again, and wait for the first end",
      )
      .option("-n, --namespace <namespace>", "namespace", "capstan-system");
    if (!suspend) command.option("--timeout <seconds>", "how long to wait", "300");
    command.action(async (words: string[], { timeout = "300", ...options }) => {
      const { setSuspended } = await import("./commands/reconcile.js");
      await setSuspended(words, suspend, { ...options, timeoutMs: milliseconds(timeout) }, io);
    });
  }
  connected(program.command("delete <object>"))
    .description("delete a live KIND/NAME; what Git declares comes back")
    .option("-n, --namespace <namespace>", "namespace of the object", "default")
    .action(async (object: string, options) => {
      const { deleteObject } = await import("./commands/delete.js");
      await deleteObject(object, options, io);
    });
  program
    .command("down")
    .description("end the embedded home; its data stays")
    .option("--data-dir <directory>", "data directory of the embedded home")
    .action(async (options) => {
      const { down } = await import("./commands/down.js");
      await down(options, io);
    });
  program
    .command("backup <file>")
    .description(
      "write the embedded home's objects, keys and Git remotes into one file; it may go on running",
    )
    .option("--data-dir <directory>", "data directory of the embedded home")
    .action(async (file: string, options) => {
      const { backupCommand } = await import("./commands/backup.js");
      await backupCommand(file, options, io);
    });
  program
    .command("restore <file>")
    .description("make a data directory out of a backup; nothing is overwritten")
    .option("--data-dir <directory>", "the new data directory")
    .action(async (file: string, options) => {
      const { restoreCommand } = await import("./commands/backup.js");
      await restoreCommand(file, options, io);
    });
}

function milliseconds(seconds: string): number {
  const ms = Number(seconds) * 1000;
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new CommandError("--timeout takes a number of seconds", exitCode.usage);
}

function addTools(program: Command, io: Io): void {
  addBuilding(program, io);
  program
    .command("version")
    .description("the version of this program")
    .option("-o, --output <format>", "json or yaml")
    .action(({ output }) => {
      const value = { capstan: version, node: process.version };
      io.out(
        renderView({ kind: "document", value, text: `capstan: ${version}\n` }, parseOutputFormat(output)),
      );
    });
  program
    .command("completion <shell>")
    .description("print a completion script for bash, zsh or fish")
    .action((shell: string) => io.out(completionScript(program, shell)));
}

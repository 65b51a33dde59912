import { Command } from "commander";
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
  return program;
}

function addHomes(program: Command, io: Io): void {
  program
    .command("up [repo]")
    .description("start the embedded home and follow a repository, or a demo where none is named")
    .option("--path <path>", "directory of the repository to apply")
    .option("--branch <branch>", "branch to follow; the repository's own where left out")
    .option("--namespace <namespace>", "where objects go that name none", "default")
    .option("--data-dir <directory>", "where everything is kept; ~/.capstan where left out")
    .option("--port <port>", "port of the API; Git and artifacts take the next one; 0: free ones")
    .action(async (repo: string | undefined, options) => {
      const { up } = await import("./commands/up.js");
      await up({ ...options, ...(repo === undefined ? {} : { repo }) }, io);
    });
  program
    .command("controllers")
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
    .option("--no-cross-namespace-refs", "refuse references to other namespaces")
    .option("--default-service-account <name>", "impersonated where a Kustomization names none")
    .action(async ({ crossNamespaceRefs, ...options }) => {
      const { controllers } = await import("./commands/controllers.js");
      await controllers({ ...options, noCrossNamespaceRefs: crossNamespaceRefs === false }, io);
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
      io.out(renderView(install(options), parseOutputFormat(output)));
    });
}

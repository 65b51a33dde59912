import { existsSync } from "node:fs";
import type { Command } from "commander";
import { CommandError, exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { findReconciledKind } from "./kinds.js";

/** What needs no running Capstan: `build`, `template` and `test`. */
export function addBuilding(program: Command, io: Io): void {
  addBuild(program, io);
  addTemplate(program, io);
  program
    .command("test [path]")
    .description("build and check all that a repository delivers, offline (exit code 3 if anything fails)")
    .option("-o, --output <format>", "tree, junit or json", "tree")
    .option("--local-sources <pairs>", "Kind/namespace/name=PATH,… for sources that are not the repository")
    .option("--strict-substitute", "fail on variables that nothing sets")
    .option(
      "--load-restrictor <value>",
      "LoadRestrictionsRootOnly or LoadRestrictionsNone, for kustomize roots",
    )
    .action(async (path: string | undefined, options) => {
      const { test } = await import("./commands/test.js");
      if (!(await test(path ?? ".", options, io))) process.exitCode = exitCode.notReady;
    });
}

/** `helmrelease NAME`, or `helmrelease/NAME` where that is no directory. */
function namesRelease(words: readonly string[]): boolean {
  const [first = ""] = words;
  const [word = "", name] = first.split("/");
  if (findReconciledKind(word)?.kind !== "HelmRelease") return false;
  return words.length === 2 || (name !== undefined && !existsSync(first));
}

function addTemplate(program: Command, io: Io): void {
  const each = (value: string, known: string[] = []) => [...known, value];
  program
    .command("template <words...>")
    .description("[NAME] CHART: print what helm template prints")
    .option("-f, --values <file>", "file of values; may be given many times", each)
    .option("--set <values>", "values, as a.b=1,c=2", each)
    .option("--set-string <values>", "values that are text", each)
    .option("--set-json <values>", "values that are JSON, as a.b={}", each)
    .option("--set-file <values>", "values that are files' content, as a.b=PATH", each)
    .option("--set-literal <value>", "a value that is taken as it is", each)
    .option("-n, --namespace <namespace>", "namespace of the release", "default")
    .option("--include-crds", "print the chart's definitions too")
    .option("--no-hooks", "leave hooks out")
    .option("--skip-tests", "leave tests out")
    .option("--is-upgrade", "render as for an upgrade")
    .option("--kube-version <version>", "version of Kubernetes that templates see")
    .option("-a, --api-versions <versions>", "versions that templates see beside the built-in ones", each)
    .option("--skip-schema-validation", "do not check values against the chart's schema")
    .option("-s, --show-only <template>", "only what these templates make", each)
    .action(async (words: string[], options) => {
      const { template } = await import("./commands/template.js");
      await template(words, options, io);
    });
}

function addBuild(program: Command, io: Io): void {
  program
    .command("build [words...]")
    .description(
      "print what kubectl kustomize PATH prints, what kustomization NAME makes of --path, or helmrelease NAME releases",
    )
    .option("--load-restrictor <value>", "LoadRestrictionsRootOnly or LoadRestrictionsNone")
    .option("--reorder <value>", "legacy or none")
    .option("--enable-helm", "render helmCharts that are in the tree")
    .option("--allow-remote", "clone bases and fetch files from elsewhere")
    .option("--path <path>", "directory that takes the place of the kustomization's own")
    .option("--kustomization-file <file>", "the Kustomization, in the place of the cluster's")
    .option("--dry-run", "ask no cluster: variables of ConfigMaps and Secrets stay unset")
    .option("--strict-substitute", "fail on variables that nothing sets")
    .option("--ignore-paths <patterns>", "paths to leave out, with commas between")
    .option("-r, --recursive", "build the Kustomizations among the objects as well")
    .option("--local-sources <pairs>", "Kind/namespace/name=PATH,… where to find their sources")
    .option("-n, --namespace <namespace>", "namespace of the kustomization", "capstan-system")
    .option("--kubeconfig <file>", "a cluster; the running embedded home where left out")
    .option("--context <name>", "context of the kubeconfig")
    .option("--data-dir <directory>", "data directory of the embedded home")
    .action(async (words: string[], options) => {
      if (options.path !== undefined) {
        const { buildKustomization } = await import("./commands/build-kustomization.js");
        await buildKustomization(words, options, io);
        return;
      }
      if (namesRelease(words)) {
        const { buildHelmRelease } = await import("./commands/build-helmrelease.js");
        await buildHelmRelease(words, options, io);
        return;
      }
      const [directory = ".", ...more] = words;
      if (more.length > 0) {
        throw new CommandError("build takes one PATH, or kustomization NAME --path P", exitCode.usage);
      }
      const { build } = await import("./commands/build.js");
      await build(directory, options, io);
    });
}

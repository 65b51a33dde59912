import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HelmChartRequest, InflateHelmChart } from "@capstan/kustomize";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The real helm, if it is at hand. */
export function findHelm(): string | undefined {
  const candidates = [process.env["CAPSTAN_HELM"], join(root, ".cache/peers/helm/helm")];
  return candidates.find((path) => path !== undefined && existsSync(path));
}

/** Renders charts of a directory on disk with the real helm, as kustomize calls it. */
export function helmInflator(helm: string, directory: string): InflateHelmChart {
  return (request) => {
    const folder = mkdtempSync(join(tmpdir(), "capstan-helm-"));
    try {
      const files = request.values.map((text, index) => {
        const file = join(folder, `values-${index}.yaml`);
        writeFileSync(file, text);
        return file;
      });
      const args = helmArguments(request, directory, files);
      const result = spawnSync(helm, args, { encoding: "utf8", maxBuffer: 1 << 27 });
      if (result.status !== 0) throw new Error(result.stderr);
      return result.stdout;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

function helmArguments(request: HelmChartRequest, directory: string, files: readonly string[]): string[] {
  const args = ["template"];
  args.push(request.releaseName ?? "--generate-name", join(directory, request.directory ?? ""));
  if (request.namespace !== undefined) args.push("--namespace", request.namespace);
  if (request.nameTemplate !== undefined) args.push("--name-template", request.nameTemplate);
  for (const file of files) args.push("-f", file);
  for (const version of request.apiVersions) args.push("--api-versions", version);
  if (request.kubeVersion !== undefined) args.push("--kube-version", request.kubeVersion);
  if (request.includeCRDs) args.push("--include-crds");
  if (request.skipTests) args.push("--skip-tests");
  if (request.skipHooks) args.push("--no-hooks");
  return args;
}

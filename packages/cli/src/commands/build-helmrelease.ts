import type { HelmRelease } from "@capstan/delivery";
import { type KubeObject, parseYamlDocuments, stringifyYaml } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import { maskSecret } from "../output/mask-secret.js";
import { previewRelease } from "../rendered-release.js";

/** `capstan build helmrelease NAME`: prints what a HelmRelease would release; secret values are masked. */
export async function buildHelmRelease(
  words: readonly string[],
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<void> {
  const { kind, name } = parseReconciled(words);
  const namespace = options.namespace ?? "capstan-system";
  await withClient(options, io, async (client) => {
    const object = await client.get<HelmRelease>({ ...kind, name, namespace }, { signal: io.signal });
    const { text } = await previewRelease(client, object, io);
    io.out(
      text
        .split(/^---\n/m)
        .map(masked)
        .join("---\n"),
    );
  });
}

/** A document as it is, but for Secrets. */
function masked(document: string): string {
  if (!/^kind: Secret$/m.test(document)) return document;
  const [source = ""] = /^# Source: .*\n/.exec(document) ?? [];
  // Rendered, so that it is an object.
  const objects = parseYamlDocuments(document, { dialect: "helm" }).map(({ value }) => value as KubeObject);
  return source + objects.map((object) => stringifyYaml(maskSecret(object))).join("");
}

import type { Capstan, LiveObject } from "./capstan.js";

const api = "source.toolkit.fluxcd.io/v1";

/** A source as it is declared. */
export const sourceObject = (kind: string, name: string, spec: object) => ({
  apiVersion: api,
  kind,
  metadata: { name, namespace: "default" },
  spec: { interval: "1h", ...spec },
});

export const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default" },
  stringData,
});

interface Ready {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition `Ready` of an object. */
export function readyOf({ status }: LiveObject): Ready | undefined {
  return status?.conditions?.find(({ type }: { type: string }) => type === "Ready");
}

/** Applies a source and waits until it is ready. */
export async function ready(home: Capstan, kind: string, name: string, spec: object): Promise<LiveObject> {
  await home.apply(sourceObject(kind, name, spec));
  return home.has(kind, name, "default", (live) => {
    const current = live.status?.observedGeneration === live.metadata.generation;
    return current && readyOf(live)?.status === "True";
  });
}

/** Applies a source and waits until it says why it is not. */
export async function refused(home: Capstan, kind: string, name: string, spec: object): Promise<Ready> {
  await home.apply(sourceObject(kind, name, spec));
  const live = await home.has(kind, name, "default", (each) => readyOf(each)?.status === "False");
  return readyOf(live) ?? { status: "", reason: "", message: "" };
}

/** The file that a source offers. */
export async function download(live: LiveObject): Promise<Buffer> {
  const answer = await fetch(live.status.artifact.url);
  if (answer.status !== 200) throw new Error(`${live.status.artifact.url} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

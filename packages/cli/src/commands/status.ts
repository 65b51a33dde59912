import type { Client } from "@capstan/controller";
import { withClient } from "../connection.js";
import { dataDirectory, type RunningState, readState } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { type ReconciledKind, reconciledKinds } from "../kinds.js";
import { readyCondition } from "../output/reconciled-columns.js";
import { formatTable } from "../output/table.js";
import type { View } from "../output/view.js";

/** How many objects of a sort there are, and how many are ready. */
interface Count {
  readonly ready: number;
  readonly total: number;
}

/** `capstan status`: where the running Capstan is, and whether what it follows is ready. */
export async function status(
  options: { readonly dataDir?: string },
  io: Io,
): Promise<{ readonly view: View; readonly ready: boolean }> {
  const directory = dataDirectory(options.dataDir, io.environment);
  const state = await readState(directory);
  if (state === undefined) {
    throw new CommandError(`no Capstan runs on ${directory.root}`, exitCode.unreachable);
  }
  return withClient(options, io, async (client) => {
    const sources = await count(client, "source", io.signal);
    const deliveries = await count(client, "delivery", io.signal);
    const ready = sources.ready === sources.total && deliveries.ready === deliveries.total;
    const value = { ready, ...state, sources, deliveries };
    return { ready, view: { kind: "document", value, text: textOf(state, sources, deliveries, ready) } };
  });
}

async function count(
  client: Client,
  category: ReconciledKind["category"],
  signal: AbortSignal,
): Promise<Count> {
  let ready = 0;
  let total = 0;
  for (const kind of reconciledKinds.filter((each) => each.category === category)) {
    if ((await client.resourceFor(kind, { signal })) === undefined) continue;
    for await (const object of client.listAll(kind, { signal })) {
      total += 1;
      if (readyCondition(object)?.status === "True") ready += 1;
    }
  }
  return { ready, total };
}

function textOf(state: RunningState, sources: Count, deliveries: Count, ready: boolean): string {
  return formatTable(
    ["READY", ready ? "True" : "False"],
    [
      ["SOURCES", `${sources.ready}/${sources.total} ready`],
      ["DELIVERIES", `${deliveries.ready}/${deliveries.total} ready`],
      ["API SERVER", state.apiServer],
      ["KUBECONFIG", state.kubeconfig],
      ["GIT REMOTE", state.gitRemote ?? ""],
      ["ARTIFACTS", state.artifactServer],
      ["VERSION", state.version],
      ["PID", String(state.pid)],
    ],
  );
}

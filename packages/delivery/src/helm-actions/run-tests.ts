import type { HookRecord, ReleaseRecord } from "@capstan/helm";
import { type ActionContext, ActionError, recordRelease } from "./action-context.js";
import { runHooks } from "./hooks.js";

export interface TestOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly filters: readonly { readonly name: string; readonly exclude?: boolean | undefined }[];
}

/** What became of a release's tests; the record tells of each. */
export interface Tested {
  readonly record: ReleaseRecord;
  readonly error: Error | undefined;
}

/** Runs the tests of the newest revision of a release. */
export async function runTests(context: ActionContext, options: TestOptions): Promise<Tested> {
  const last = await context.storage.last(options.name);
  if (last === undefined) throw new ActionError("release: not found");
  const { labels } = last;
  const run = await runHooks(context, last.record, "test", {
    timeoutMs: options.timeoutMs,
    ssa: last.record.apply_method === "ssa",
    store: (record) => recordRelease(context, { record, labels }),
    selected: (hook) => isSelected(hook, options.filters),
  });
  await context.storage.update({ record: run.record, labels });
  return run;
}

/** Whether the filters let a test run: none of them excludes it, and one includes it where any includes. */
export function isSelected(hook: Pick<HookRecord, "name">, filters: TestOptions["filters"]): boolean {
  if (filters.some((filter) => filter.exclude === true && filter.name === hook.name)) return false;
  const included = filters.filter((filter) => filter.exclude !== true);
  return included.length === 0 || included.some((filter) => filter.name === hook.name);
}

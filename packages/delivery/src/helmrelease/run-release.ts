import type { ActionContext } from "../helm-actions/action-context.js";
import { applyDefinitions } from "../helm-actions/definitions.js";
import { install } from "../helm-actions/install.js";
import { upgrade } from "../helm-actions/upgrade.js";
import { runReleaseAction } from "./conclude-release.js";
import { maxHistoryOf, timeoutOf } from "./policies.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNameOf, releaseNamespaceOf } from "./release-target.js";
import { readDefinitions, renderForRelease } from "./render-chart.js";
import type { HelmRelease } from "./resource.js";
import { OWNER_NAME, OWNER_NAMESPACE } from "./settings.js";

/** Installs; throws `NothingStored` where it failed before anything was stored. */
export async function runInstall(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, chart, values, cluster, state, context } = request;
  const { spec } = object;
  draft.set({ lastAttemptedReleaseAction: "install", history: undefined });
  const crds = spec.install?.crds ?? (spec.install?.skipCRDs === true ? "Skip" : "Create");
  const ssa = spec.install?.serverSideApply ?? true;
  await runReleaseAction("install", object, request, spec.install?.disableWait === true, async (action) => {
    await applyChartDefinitions(object, request, action, crds, ssa);
    await install(action, {
      name: releaseNameOf(object),
      namespace: releaseNamespaceOf(object),
      values,
      ssa,
      timeoutMs: timeoutOf(spec, "install"),
      waitForJobs: spec.install?.disableWaitForJobs !== true,
      hooks: spec.install?.disableHooks !== true,
      takeOwnership: spec.install?.disableTakeOwnership !== true,
      createNamespace: spec.targetNamespace !== undefined && spec.install?.createNamespace === true,
      replace: spec.install?.replace === true,
      render: (revision) =>
        renderForRelease(
          object,
          {
            artifact: chart.artifact,
            version: chart.version,
            namespace: releaseNamespaceOf(object),
            revision,
            isUpgrade: false,
            values,
            skipSchemaValidation: spec.install?.disableSchemaValidation === true,
          },
          cluster.client,
          state,
          context,
        ),
    });
  });
}

/** Upgrades; throws `NothingStored` where it failed before anything was stored. */
export async function runUpgrade(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, chart, values, cluster, state, context } = request;
  const { spec } = object;
  draft.set({ lastAttemptedReleaseAction: "upgrade" });
  await runReleaseAction("upgrade", object, request, spec.upgrade?.disableWait === true, (action) =>
    upgrade(action, {
      name: releaseNameOf(object),
      values,
      serverSideApply: spec.upgrade?.serverSideApply ?? "auto",
      timeoutMs: timeoutOf(spec, "upgrade"),
      waitForJobs: spec.upgrade?.disableWaitForJobs !== true,
      hooks: spec.upgrade?.disableHooks !== true,
      takeOwnership: spec.upgrade?.disableTakeOwnership !== true,
      forceReplace: spec.upgrade?.force === true,
      cleanupOnFail: spec.upgrade?.cleanupOnFail === true,
      preserveValues: spec.upgrade?.preserveValues === true,
      maxHistory: maxHistoryOf(object),
      definitions: (ssa) =>
        applyChartDefinitions(object, request, action, spec.upgrade?.crds ?? "Create", ssa),
      render: (rendering) =>
        renderForRelease(
          object,
          {
            artifact: chart.artifact,
            version: chart.version,
            ...rendering,
            isUpgrade: true,
            skipSchemaValidation: spec.upgrade?.disableSchemaValidation === true,
          },
          cluster.client,
          state,
          context,
        ),
    }),
  );
}

async function applyChartDefinitions(
  object: HelmRelease,
  request: ReleaseRequest,
  action: ActionContext,
  policy: "Skip" | "Create" | "CreateReplace",
  ssa: boolean,
): Promise<void> {
  const { chart, values, state, context } = request;
  if (!chart.crds) return;
  request.definitions = await readDefinitions(chart.artifact, values, state, context.signal);
  await applyDefinitions(action, {
    policy,
    files: request.definitions,
    labels: { [OWNER_NAME]: object.metadata.name, [OWNER_NAMESPACE]: object.metadata.namespace ?? "" },
    ssa,
  });
}

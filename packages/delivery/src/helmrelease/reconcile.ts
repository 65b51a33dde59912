import { formatKey, type Outcome, type RunContext } from "@capstan/controller";
import { ApiError, deepEqual } from "@capstan/kube";
import { CelProblem } from "../health/cel.js";
import { validateExpressions } from "../health/expressions.js";
import { ChartProblem } from "../helm-render/chart-request.js";
import { type Requests, requestsOf } from "./annotation-requests.js";
import {
  artifactOf,
  ChartMutateError,
  type ChartSourceFound,
  chartSourceRef,
  findChart,
  releasedVersion,
} from "./chart-source.js";
import { AccessDenied, reconcileChartTemplate } from "./chart-template.js";
import { clusterOf } from "./cluster.js";
import { unreadyDependency } from "./dependencies.js";
import { valuesDigest } from "./digests.js";
import type { HelmState } from "./helm-state.js";
import { failing, releaseUntilDone } from "./release.js";
import type { ReleaseRequest, RequestedChart, Superseding } from "./release-request.js";
import { storageNamespaceOf, targetChange } from "./release-target.js";
import { inspectChart } from "./render-chart.js";
import { HelmRelease } from "./resource.js";
import { StatusDraft } from "./status-draft.js";
import type { Turn } from "./turn.js";
import { uninstallCurrent } from "./uninstall-release.js";
import { composeValues, configReader, ValuesProblem } from "./values.js";

const TERMINAL = "Reconciliation failed terminally due to configuration error";

/** One run of a HelmRelease that is not being deleted. */
export async function reconcileHelmRelease(
  object: HelmRelease,
  state: HelmState,
  context: RunContext,
): Promise<Outcome> {
  const owner = formatKey(object.metadata);
  const draft = new StatusDraft(object, context.clock.now);
  const turn = await state.gate.enter(context.signal);
  state.running.set(owner, new Set());
  try {
    const run = new Reconciliation(object, draft, owner, state, context, turn);
    return await run.run();
  } finally {
    state.finished(owner);
    turn.end();
  }
}

/** What ends a run before anything is released. */
class Ended extends Error {
  override readonly name = "Ended";
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super("the run ended");
    this.outcome = outcome;
  }
}

class Reconciliation {
  readonly #object: HelmRelease;
  readonly #draft: StatusDraft;
  readonly #owner: string;
  readonly #state: HelmState;
  readonly #context: RunContext;
  readonly #turn: Turn;

  constructor(
    object: HelmRelease,
    draft: StatusDraft,
    owner: string,
    state: HelmState,
    context: RunContext,
    turn: Turn,
  ) {
    this.#object = object;
    this.#draft = draft;
    this.#owner = owner;
    this.#state = state;
    this.#context = context;
    this.#turn = turn;
  }

  async run(): Promise<Outcome> {
    try {
      const source = await this.#prerequisites();
      const values = await this.#values();
      const chart = await this.#chart(source);
      this.#draft.clear("ArtifactFailed", "ChartMutateError", "RESTClientError", "StateError");
      const cluster = await this.#cluster();
      const requests = requestsOf(this.#object);
      const request: ReleaseRequest = {
        owner: this.#owner,
        draft: this.#draft,
        chart,
        values,
        valuesDigest: valuesDigest(values),
        cluster,
        force: requests.force,
        superseded: () => this.#superseded(chart.artifact.revision),
        state: this.#state,
        context: this.#context,
        turn: this.#turn,
        newest: undefined,
        definitions: [],
      };
      await this.#uninstallFormer(request);
      this.#prepareStatus(request, requests);
      const outcome = await releaseUntilDone(this.#object, request);
      if (outcome.kind === "settled") this.#state.failures.delete(this.#owner);
      return outcome;
    } catch (error) {
      if (error instanceof Ended) return error.outcome;
      throw error;
    }
  }

  /** The object or its chart, where either is another than this run has taken up. */
  #superseded(revision: string): Superseding | undefined {
    const { cache } = this.#context;
    const { name, namespace = "", generation } = this.#object.metadata;
    const live = cache.get({ ...HelmRelease, namespace, name });
    if (live === undefined || live.metadata.deletionTimestamp !== undefined)
      return { kind: this.#object.kind, namespace, name };
    if (live.metadata.generation !== generation) return { kind: this.#object.kind, namespace, name };
    const ref = chartSourceRef(this.#object);
    const source = cache.get(ref);
    const offered = source === undefined ? undefined : artifactOf(source)?.revision;
    return offered === undefined || offered === revision ? undefined : ref;
  }

  async #prerequisites(): Promise<ChartSourceFound> {
    const { chart, chartRef } = this.#object.spec;
    if ((chart === undefined) === (chartRef === undefined)) {
      throw this.#stalled("InvalidChartReference", "invalid Chart reference");
    }
    const invalid = validateExpressions(this.#object);
    if (invalid !== undefined) throw this.#invalidExpression(invalid);
    await this.#chartTemplate();
    this.#dependencies();
    const { cache } = this.#context;
    const source = findChart(this.#object, (ref) => cache.get(ref), this.#state.settings);
    if (!("reason" in source)) {
      this.#draft.clear("AccessDenied", "SourceNotReady");
      return source;
    }
    const { reason, message } = source;
    if (reason === "AccessDenied") throw this.#denied(message);
    throw this.#waiting(reason, message);
  }

  async #chartTemplate(): Promise<void> {
    try {
      const helmChart = await reconcileChartTemplate(this.#object, this.#state.settings, this.#context);
      this.#draft.set({ helmChart });
    } catch (error) {
      if (error instanceof AccessDenied) throw this.#denied(error.message);
      if (!(error instanceof ApiError)) throw error;
      const message = `failed to run server-side apply: ${error.message}`;
      this.#context.events.normal(this.#object, "HelmChartSyncErr", message);
      throw this.#failed("HelmChartSyncErr", message);
    }
  }

  #dependencies(): void {
    let message: string | undefined;
    try {
      message = unreadyDependency(this.#object, this.#state.settings, this.#context);
    } catch (error) {
      if (!(error instanceof CelProblem)) throw error;
      throw this.#invalidExpression(error.message);
    }
    if (message === undefined) {
      this.#draft.clear("DependencyNotReady");
      return;
    }
    if (this.#draft.get("Ready")?.message !== message) {
      this.#context.events.normal(this.#object, "DependencyNotReady", message);
    }
    throw this.#waiting("DependencyNotReady", message);
  }

  async #values() {
    const { reader, signal } = this.#context;
    const read = configReader(reader, this.#object.metadata.namespace ?? "", signal);
    try {
      const values = await composeValues(this.#object, read);
      this.#draft.clear("ValuesError");
      return values;
    } catch (error) {
      if (!(error instanceof ValuesProblem)) throw error;
      this.#warn("ValuesError", error.message);
      throw this.#failed("ValuesError", error.message);
    }
  }

  async #chart(source: ChartSourceFound): Promise<RequestedChart> {
    try {
      const { metadata, crds } = await inspectChart(source.artifact, this.#state, this.#context.signal);
      const { version, ociDigest } = releasedVersion(source, metadata.version, this.#state.settings);
      const { appVersion } = metadata as { readonly appVersion?: unknown };
      return {
        artifact: source.artifact,
        name: metadata.name,
        version,
        appVersion: typeof appVersion === "string" ? appVersion : "",
        ociDigest,
        crds,
      };
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (error instanceof ChartMutateError) throw this.#failed("ChartMutateError", error.message);
      if (isNotFound(error)) {
        const seconds = this.#state.settings.dependencyRetryMs / 1000;
        throw this.#waiting(
          "ArtifactFailed",
          `Source not ready: artifact not found. Retrying in ${seconds}s`,
        );
      }
      if (!(error instanceof Error)) throw error;
      this.#warn("ArtifactFailed", error.message);
      throw this.#failed("ArtifactFailed", `Could not load chart: ${error.message}`);
    }
  }

  async #cluster() {
    const cluster = await clusterOf(this.#object, this.#state, this.#context);
    if ("message" in cluster) throw this.#failed("RESTClientError", cluster.message);
    return cluster;
  }

  /** What was released elsewhere goes before anything is released here. */
  async #uninstallFormer(request: ReleaseRequest): Promise<void> {
    const change = targetChange(this.#object, request.chart.name);
    if (change === undefined) return;
    if (change === "chart name" && this.#object.spec.upgrade?.chartNameChangeStrategy === "InPlaceUpdate")
      return;
    this.#context.logger.info(
      `release target configuration changed (${change}): uninstalling the current release`,
      {
        object: this.#owner,
      },
    );
    const error = await uninstallCurrent(this.#object, request);
    if (error !== undefined) throw new Ended(failing(request, error.message));
    this.#draft.set({
      history: undefined,
      failures: undefined,
      installFailures: undefined,
      upgradeFailures: undefined,
      storageNamespace: undefined,
    });
    this.#draft.mark(
      "Reconciling",
      "True",
      "ProgressingWithRetry",
      `release target configuration changed (${change})`,
    );
    throw new Ended({ kind: "waiting", status: this.#draft.change(), retryAfterMs: 0 });
  }

  #prepareStatus(request: ReleaseRequest, requests: Requests): void {
    const { chart } = request;
    const { generation } = this.#object.metadata;
    if (this.#mustResetFailures(request, requests)) {
      this.#draft.set({ failures: undefined, installFailures: undefined, upgradeFailures: undefined });
      this.#draft.remove("Stalled");
    }
    this.#draft.set({
      ...requests.handled,
      storageNamespace: storageNamespaceOf(this.#object),
      lastAttemptedGeneration: generation,
      lastAttemptedRevision: chart.version,
      lastAttemptedRevisionDigest: chart.ociDigest === "" ? undefined : chart.ociDigest,
      lastAttemptedConfigDigest: request.valuesDigest,
      lastAttemptedValuesChecksum: undefined,
      lastReleaseRevision: undefined,
    });
  }

  #mustResetFailures({ chart, valuesDigest: digest }: ReleaseRequest, requests: Requests): boolean {
    const { lastAttemptedGeneration, lastAttemptedRevision, lastAttemptedConfigDigest } = this.#draft.fields;
    return (
      requests.reset ||
      lastAttemptedGeneration !== this.#object.metadata.generation ||
      lastAttemptedRevision !== chart.version ||
      (lastAttemptedConfigDigest !== undefined && !deepEqual(lastAttemptedConfigDigest, digest))
    );
  }

  #warn(reason: string, message: string): void {
    const ready = this.#draft.get("Ready");
    const hookOnly = ready?.reason === reason && ready.message.includes(message);
    this.#context.events.record(this.#object, { type: "Warning", reason, message, hookOnly });
  }

  #invalidExpression(message: string): Ended {
    this.#context.events.warning(this.#object, "InvalidCELExpression", message);
    return this.#stalled("InvalidCELExpression", `${TERMINAL}: ${message}`);
  }

  #denied(message: string): Ended {
    this.#context.events.warning(this.#object, "AccessDenied", message);
    return this.#stalled("AccessDenied", message);
  }

  #stalled(reason: string, message: string): Ended {
    this.#draft.fail(reason, message);
    this.#draft.mark("Stalled", "True", reason, message);
    return new Ended({ kind: "stalled", status: this.#draft.change() });
  }

  /** A watch tells when it is over; the time is the safety net. */
  #waiting(reason: string, message: string): Ended {
    this.#draft.fail(reason, message);
    this.#draft.mark("Reconciling", "True", "Progressing", "Fulfilling prerequisites");
    const retryAfterMs = this.#state.settings.dependencyRetryMs;
    return new Ended({ kind: "waiting", status: this.#draft.change(), retryAfterMs });
  }

  #failed(reason: string, message: string): Ended {
    this.#draft.fail(reason, message);
    return new Ended(
      failing(
        { draft: this.#draft, context: this.#context, state: this.#state, owner: this.#owner },
        message,
      ),
    );
  }
}

function isNotFound(error: unknown): boolean {
  return (
    error instanceof Error &&
    !(error instanceof ChartProblem) &&
    "code" in error &&
    error.code === "not-found"
  );
}

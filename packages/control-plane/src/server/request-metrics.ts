import type { Clock } from "@capstan/kube";

const BUCKETS_S = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 5, 10, 30, 60] as const;

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts requests under the names of the Kubernetes API server's metrics. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();
  readonly #gauges = new Map<string, { readonly help: string; readonly read: () => number }>();
  #inFlight = 0;
  #connectionErrors = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A value read whenever metrics are scraped. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.set(name, { help, read });
  }

  /** Counts a request in; the returned function counts it out with its method and status. */
  begin(): (method: string, status: number) => void {
    const start = this.#clock.now();
    this.#inFlight++;
    return (method, status) => {
      this.#inFlight--;
      const key = `verb="${method}",code="${status}"`;
      this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
      this.#observe(method, (this.#clock.now() - start) / 1000);
    };
  }

  connectionError(): void {
    this.#connectionErrors++;
  }

  /** Everything in the Prometheus text format. */
  text(): string {
    const lines = [
      "# HELP apiserver_request_total Requests by verb and code.",
      "# TYPE apiserver_request_total counter",
    ];
    for (const [labels, count] of this.#requests) lines.push(`apiserver_request_total{${labels}} ${count}`);
    lines.push(
      "# HELP apiserver_request_duration_seconds Time until a request was answered.",
      "# TYPE apiserver_request_duration_seconds histogram",
    );
    for (const [verb, histogram] of this.#durations) lines.push(...histogramLines(verb, histogram));
    lines.push(
      "# HELP apiserver_current_inflight_requests Requests being answered.",
      "# TYPE apiserver_current_inflight_requests gauge",
      `apiserver_current_inflight_requests ${this.#inFlight}`,
      "# HELP apiserver_connection_errors_total Connections that broke.",
      "# TYPE apiserver_connection_errors_total counter",
      `apiserver_connection_errors_total ${this.#connectionErrors}`,
    );
    for (const [name, { help, read }] of this.#gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${read()}`);
    }
    return `${lines.join("\n")}\n`;
  }

  #observe(verb: string, seconds: number): void {
    let histogram = this.#durations.get(verb);
    if (histogram === undefined) {
      histogram = { counts: BUCKETS_S.map(() => 0), sum: 0, count: 0 };
      this.#durations.set(verb, histogram);
    }
    histogram.sum += seconds;
    histogram.count++;
    const bucket = BUCKETS_S.findIndex((limit) => seconds <= limit);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  }
}

function histogramLines(verb: string, { counts, sum, count }: Histogram): readonly string[] {
  const name = "apiserver_request_duration_seconds";
  let total = 0;
  const buckets = BUCKETS_S.map((limit, index) => {
    total += counts[index] ?? 0;
    return `${name}_bucket{verb="${verb}",le="${limit}"} ${total}`;
  });
  return [
    ...buckets,
    `${name}_bucket{verb="${verb}",le="+Inf"} ${count}`,
    `${name}_sum{verb="${verb}"} ${sum}`,
    `${name}_count{verb="${verb}"} ${count}`,
  ];
}

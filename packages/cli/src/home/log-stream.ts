import type { Logger, RecordedEvent } from "@capstan/controller";
import { type Clock, formatTime } from "@capstan/kube";

/** One JSON object a line, as the controllers of a cluster log. */
export function openLogStream(options: {
  readonly clock: Clock;
  readonly write: (line: string) => void;
}): Logger {
  const log = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    options.write(`${formatLogLine(options.clock, level, message, fields)}\n`);
  return { debug: () => undefined, info: log("info"), warn: log("warn"), error: log("error") };
}

/** A log line; errors are told by their message alone. */
export function formatLogLine(
  clock: Clock,
  level: string,
  message: string,
  fields: Readonly<Record<string, unknown>> | undefined,
): string {
  return JSON.stringify({ ts: formatTime(clock.now()), level, msg: message, ...fields }, plain);
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === "bigint" ? value.toString() : value;
}

/** Logs every event of a reconciler; workloads tell theirs as Kubernetes events alone. */
export function logEvent(logger: Logger): (event: RecordedEvent) => void {
  return (event) => {
    const { object, reason, message } = event;
    if (!object.apiVersion.includes(".toolkit.fluxcd.io/")) return;
    const fields = {
      kind: object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      reason,
    };
    if (event.type === "Warning") logger.warn(message, fields);
    else logger.info(message, fields);
  };
}

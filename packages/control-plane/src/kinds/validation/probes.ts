import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import { type Problems, portNameMessages } from "./problems.js";

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/** A port that is a number or the name of one. */
export function validatePortNumOrName(problems: Problems, field: string, port: unknown): void {
  if (typeof port === "string") problems.names(field, port, portNameMessages);
  else problems.port(field, port ?? 0);
}

/** The handler of a probe or a lifecycle hook: exactly one of its forms. */
export function validateHandler(
  problems: Problems,
  field: string,
  handler: Members,
  gracePeriod: number,
): void {
  const given = HANDLERS.filter((name) => membersAt(handler, name) !== undefined);
  if (given.length === 0) problems.required(field, "must specify a handler type");
  given.forEach((name, index) => {
    const at = `${field}.${name}`;
    const body = membersAt(handler, name) ?? {};
    if (index > 0) problems.forbidden(at, "may not specify more than 1 handler type");
    else if (name === "exec") {
      if (!Array.isArray(body["command"]) || body["command"].length === 0) problems.required(`${at}.command`);
    } else if (name === "httpGet") validateHttpGet(problems, at, body);
    else if (name === "tcpSocket") validatePortNumOrName(problems, `${at}.port`, body["port"]);
    else if (name === "grpc") problems.port(`${at}.port`, body["port"] ?? 0);
    else validateSleep(problems, at, body, gracePeriod);
  });
}

function validateSleep(problems: Problems, field: string, sleep: Members, gracePeriod: number): void {
  const seconds = numberAt(sleep, "seconds") ?? 0;
  if (seconds >= 0 && seconds <= gracePeriod) return;
  problems.invalid(
    field,
    seconds,
    `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`,
  );
}

function validateHttpGet(problems: Problems, field: string, httpGet: Members): void {
  if (textAt(httpGet, "path") === "") problems.required(`${field}.path`);
  validatePortNumOrName(problems, `${field}.port`, httpGet["port"]);
  problems.oneOf(`${field}.scheme`, httpGet["scheme"], ["HTTP", "HTTPS"]);
  listAt(httpGet, "httpHeaders").forEach((header, index) => {
    const name = textAt(header, "name");
    if (/^[-A-Za-z0-9]+$/.test(name)) return;
    problems.invalid(
      `${field}.httpHeaders[${index}].name`,
      name,
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    );
  });
}

const PERIODS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];

type ProbeName = "livenessProbe" | "readinessProbe" | "startupProbe";

/** One probe of a container. */
export function validateProbe(
  problems: Problems,
  field: string,
  name: ProbeName,
  probe: Members | undefined,
  gracePeriod: number,
): void {
  if (probe === undefined) return;
  const at = `${field}.${name}`;
  validateHandler(problems, at, probe, gracePeriod);
  for (const period of PERIODS) problems.notNegative(`${at}.${period}`, probe[period]);
  const grace = numberAt(probe, "terminationGracePeriodSeconds");
  if (grace !== undefined && grace <= 0) {
    problems.invalid(`${at}.terminationGracePeriodSeconds`, grace, "must be greater than 0");
  }
  if (name === "readinessProbe") {
    if (grace !== undefined) {
      problems.invalid(`${at}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes");
    }
  } else if ((numberAt(probe, "successThreshold") ?? 1) !== 1) {
    problems.invalid(`${at}.successThreshold`, probe["successThreshold"], "must be 1");
  }
}

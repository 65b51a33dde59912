import type { AdmissionRequest } from "../registry/ports.js";
import { type Members, textOf } from "./members.js";
import type { Verdict } from "./webhook-call.js";

/** A webhook of a configuration, and its place among those that a request is shown to. */
export interface PlacedWebhook {
  readonly webhook: Members;
  readonly configuration: string;
  readonly index: number;
}

/** Writes what a webhook has to say into the audit log. */
export function noteVerdict({ annotate }: AdmissionRequest, webhook: Members, verdict: Verdict): void {
  if (annotate === undefined) return;
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) {
    annotate(`${textOf(webhook["name"])}/${key}`, String(value));
  }
}

/** Writes down whether, and from the level `Request` on how, a webhook changed the object. */
export function noteMutation(
  { annotate }: AdmissionRequest,
  { webhook, configuration, index }: PlacedWebhook,
  round: number,
  verdict: Verdict | undefined,
  mutated: boolean,
): void {
  if (annotate === undefined) return;
  const place = `round_${round}_index_${index}`;
  const who = { configuration, webhook: textOf(webhook["name"]) };
  annotate(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify({ ...who, mutated }));
  if (!mutated) return;
  const change = JSON.stringify({ ...who, patch: verdict?.patch, patchType: "JSONPatch" });
  annotate(`patch.webhook.admission.k8s.io/${place}`, change, "Request");
}

/** Writes down that a webhook failed and its failure was ignored. */
export function noteFailure(
  { annotate }: AdmissionRequest,
  { webhook, index }: PlacedWebhook,
  which: "mutation" | "validating",
  round: number,
): void {
  annotate?.(
    `failed-open.${which}.webhook.admission.k8s.io/round_${round}_index_${index}`,
    textOf(webhook["name"]),
  );
}

import { notAcceptable } from "./errors.js";

type Encoding = "json" | "yaml" | "protobuf";

/** How an answer is to be shaped: the object itself, or one of `meta.k8s.io`'s views of it. */
export interface Accept {
  readonly encoding: Encoding;
  readonly as?: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  readonly metaVersion?: "v1" | "v1beta1";
  readonly pretty: boolean;
}

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

const MEDIA_TYPES: ReadonlyMap<string, Encoding> = new Map([
  ["application/json", "json"],
  ["application/yaml", "yaml"],
  ["application/vnd.kubernetes.protobuf", "protobuf"],
]);

/** What one route can produce. */
export interface Offer {
  readonly table: boolean;
  readonly list: boolean;
  /** Whether full objects can be had as protobuf. */
  readonly protobuf: boolean;
}

/**
 * Chooses the first clause of an Accept header that the route can satisfy, in order of quality.
 * Throws 406 when none fits. An absent header means JSON.
 */
export function negotiate(header: string | undefined, offer: Offer): Accept {
  if (header === undefined || header === "" || header === "*/*" || header === "application/json") {
    return JSON_ACCEPT;
  }
  for (const clause of clauses(header)) {
    const accept = satisfy(clause, offer);
    if (accept !== undefined) return accept;
  }
  throw notAcceptable([...MEDIA_TYPES.keys()].filter((type) => offer.protobuf || !type.endsWith("protobuf")));
}

export const JSON_ACCEPT: Accept = { encoding: "json", pretty: false };

function satisfy(clause: Clause, offer: Offer): Accept | undefined {
  const as = clause.parameters.get("as");
  for (const encoding of encodingsOf(clause.type)) {
    const pretty = clause.parameters.get("pretty") === "1";
    if (as === undefined) {
      if (encoding === "protobuf" && !offer.protobuf) continue;
      return { encoding, pretty };
    }
    const metaVersion = clause.parameters.get("v");
    if (clause.parameters.get("g") !== "meta.k8s.io") continue;
    if (metaVersion !== "v1" && metaVersion !== "v1beta1") continue;
    if (!canTransform(as, encoding, offer)) continue;
    return { encoding, as, metaVersion, pretty };
  }
  return undefined;
}

function canTransform(as: string, encoding: Encoding, offer: Offer): as is NonNullable<Accept["as"]> {
  if (as === "Table") return offer.table && encoding !== "protobuf";
  return as === "PartialObjectMetadata" || (as === "PartialObjectMetadataList" && offer.list);
}

function encodingsOf(type: string): readonly Encoding[] {
  if (type === "*/*" || type === "application/*") return ["json"];
  const encoding = MEDIA_TYPES.get(type);
  return encoding === undefined ? [] : [encoding];
}

/** The clauses of an Accept header, best quality first, header order otherwise. */
function clauses(header: string): readonly Clause[] {
  const parsed = header.split(",").map((text): Clause => {
    const [type = "", ...rest] = text.split(";");
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf("=");
      if (equals > 0) parameters.set(parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim());
    }
    const quality = Number(parameters.get("q") ?? "1");
    return { type: type.trim().toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return parsed.sort((a, b) => b.quality - a.quality);
}

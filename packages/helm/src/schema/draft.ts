/** Releases of JSON Schema, by year or number. */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** What a schema is written for when it does not say. */
export const defaultDraft: Draft = 2020;

const identifiers = new Map<string, Draft>([
  ["http://json-schema.org/draft-04/schema", 4],
  ["http://json-schema.org/draft-06/schema", 6],
  ["http://json-schema.org/draft-07/schema", 7],
  ["https://json-schema.org/draft/2019-09/schema", 2019],
  ["https://json-schema.org/draft/2020-12/schema", 2020],
  ["http://json-schema.org/schema", 2020],
]);

/** The draft that a `$schema` names; undefined for one that is not known. */
export function draftOf(uri: string): Draft | undefined {
  const plain = uri.replace(/#$/, "").replace(/^https?:/, "");
  for (const [known, draft] of identifiers) if (known.replace(/^https?:/, "") === plain) return draft;
  return undefined;
}

/** The identifier of a draft's own schema. */
export function draftUri(draft: Draft): string {
  for (const [uri, known] of identifiers) if (known === draft) return uri;
  return "";
}

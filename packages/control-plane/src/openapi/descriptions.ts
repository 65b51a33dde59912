import { readFileSync } from "node:fs";

/** What the fields of the published types mean, by the types' names in OpenAPI documents. */
export interface Descriptions {
  /** The text of a type, or of one of its fields; `undefined` where there is none. */
  readonly of: (type: string, field?: string) => string | undefined;
}

export const NO_DESCRIPTIONS: Descriptions = { of: () => undefined };

/**
 * Reads the descriptions that the build generated, when they are first asked for, from the first of
 * `places` that has them. Where none has, documents go without: everything else works without them.
 */
export function descriptionsFrom(...places: readonly (string | URL)[]): Descriptions {
  let types: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
  return {
    of: (type, field = "") => {
      types ??= load(places);
      const texts = types.get(type);
      return texts !== undefined && Object.hasOwn(texts, field) ? texts[field] : undefined;
    },
  };
}

function load(places: readonly (string | URL)[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  for (const place of places) {
    try {
      const data = JSON.parse(readFileSync(place, "utf8")) as Record<string, Record<string, string>>;
      return new Map(Object.entries(data));
    } catch {
      // Not built, or built elsewhere: the next place may have it.
    }
  }
  return new Map();
}

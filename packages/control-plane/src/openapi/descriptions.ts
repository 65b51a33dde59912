import { readFileSync } from "node:fs";

/** What the fields of the published types mean, by the types' names in OpenAPI documents. */
export interface Descriptions {
  /** The text of a type, or of one of its fields; `undefined` where there is none. */
  readonly of: (type: string, field?: string) => string | undefined;
}

export const NO_DESCRIPTIONS: Descriptions = { of: () => undefined };

/**
 * Reads the descriptions that the build generated, when they are first asked for. A file that is missing
 * or cannot be read leaves documents without descriptions: everything else works without them.
 */
export function descriptionsFrom(path: string | URL): Descriptions {
  let types: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
  return {
    of: (type, field = "") => {
      types ??= load(path);
      const texts = types.get(type);
      return texts !== undefined && Object.hasOwn(texts, field) ? texts[field] : undefined;
    },
  };
}

function load(path: string | URL): ReadonlyMap<string, Readonly<Record<string, string>>> {
  try {
    const data = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, string>>;
    return new Map(Object.entries(data));
  } catch {
    // Not built, or built elsewhere: documents then go without descriptions.
    return new Map();
  }
}

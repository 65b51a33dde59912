import { SopsError } from "../errors.js";
import type { MapNode, TreeNode } from "../tree/tree.js";

/** Members of a mapping of the metadata. Flat formats hold all values as text, so types are read loosely. */
export class Fields {
  readonly #members = new Map<string, TreeNode>();

  constructor(node: MapNode) {
    for (const item of node.items) {
      if (item.type === "entry" && item.value.type !== "comment") this.#members.set(item.key, item.value);
    }
  }

  text(name: string): string {
    const value = this.#members.get(name);
    switch (value?.type) {
      case undefined:
      case "null":
        return "";
      case "str":
      case "time":
        return value.value;
      case "int":
      case "float":
      case "bool":
        return String(value.value);
      default:
        throw malformed(name, "text");
    }
  }

  number(name: string): number {
    const value = this.text(name);
    if (value === "") return 0;
    if (!/^\d{1,6}$/.test(value)) throw malformed(name, "a number");
    return Number(value);
  }

  flag(name: string): boolean {
    const value = this.text(name);
    if (value === "" || /^(?:0|f|false)$/i.test(value)) return false;
    if (/^(?:1|t|true)$/i.test(value)) return true;
    throw malformed(name, "a boolean");
  }

  /** The members of a mapping of texts; none where there is none. */
  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#members.get(name);
    if (value === undefined || value.type === "null") return {};
    if (value.type !== "map") throw malformed(name, "a mapping");
    const fields = new Fields(value);
    const texts: Record<string, string> = Object.create(null);
    for (const key of fields.#members.keys()) texts[key] = fields.text(key);
    return texts;
  }

  /** The mappings of a list; one that stands alone is a list of one. */
  list(name: string): readonly Fields[] {
    const value = this.#members.get(name);
    switch (value?.type) {
      case undefined:
      case "null":
        return [];
      case "map":
        return value.items.length === 0 ? [] : [new Fields(value)];
      case "list":
        return value.items.flatMap((item) => {
          if (item.type === "comment") return [];
          if (item.type !== "map") throw malformed(name, "a list of mappings");
          return [new Fields(item)];
        });
      default:
        throw malformed(name, "a list");
    }
  }
}

function malformed(name: string, wanted: string): SopsError {
  return new SopsError("malformed", `the field '${name}' of the sops metadata is not ${wanted}`);
}

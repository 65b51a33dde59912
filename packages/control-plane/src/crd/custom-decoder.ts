import type { BodyDecoder } from "../registry/ports.js";
import { pruneObject } from "./prune.js";

/** Decodes bodies of custom resources: drops, and reports, what their schema does not specify. */
export const customBodyDecoder: BodyDecoder = {
  decode: (object, kind) => {
    const { object: kept, removed } = pruneObject(object, kind.schema);
    return { object: kept, unknown: removed.map((path) => `unknown field "${path}"`) };
  },
};

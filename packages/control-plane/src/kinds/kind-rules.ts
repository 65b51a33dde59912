import type { KindRules } from "./rules.js";

/** What single kinds do, by their published type. */
export const KIND_RULES: Readonly<Record<string, KindRules>> = {};

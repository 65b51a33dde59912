import { encodeGoJson } from "@capstan/kube";

/** In which order Go writes the members of a structure; members not named follow, sorted. */
export interface GoShape {
  readonly order: readonly string[];
  /** Shapes of members; of a list's items where the member is a list. */
  readonly members?: Readonly<Record<string, GoShape>>;
}

const shape = (order: string, members?: Readonly<Record<string, GoShape>>): GoShape => ({
  order: order.split(" "),
  ...(members !== undefined && { members }),
});

const file = shape("name data modtime");

export const metadataShape = shape(
  "name home sources version description keywords maintainers icon apiVersion condition tags appVersion deprecated annotations kubeVersion dependencies type",
  {
    maintainers: shape("name email url"),
    dependencies: shape("name version repository condition tags enabled import-values alias"),
  },
);

export const chartShape = shape("metadata lock templates values schema schemamodtime files modtime", {
  metadata: metadataShape,
  lock: shape("generated digest dependencies", {
    dependencies: shape("name version repository condition tags enabled import-values alias"),
  }),
  templates: file,
  files: file,
});

export const infoShape = shape(
  "first_deployed last_deployed deleted description status rollback_revision notes resources",
);

export const hookShape = shape(
  "name kind path manifest events last_run weight delete_policies output_log_policies",
  { last_run: shape("started_at completed_at phase") },
);

export const releaseShape = shape("name info chart config manifest hooks version namespace apply_method", {
  info: infoShape,
  chart: chartShape,
  hooks: hookShape,
});

/** JSON that is written as it is. */
export class RawJson {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** JSON as Go's encoder writes a structure of a shape; whatever has no shape is a map with sorted keys. */
export function encodeShaped(value: unknown, shaped: GoShape | undefined): string {
  if (value instanceof RawJson) return value.json;
  if (shaped === undefined || typeof value !== "object" || value === null) return encodeGoJson(value);
  if (Array.isArray(value)) return `[${value.map((item) => encodeShaped(item, shaped)).join(",")}]`;
  const members = new Map(Object.entries(value).filter(([, member]) => member !== undefined));
  const rest = [...members.keys()].filter((key) => !shaped.order.includes(key)).sort();
  const parts: string[] = [];
  for (const key of [...shaped.order, ...rest]) {
    if (!members.has(key)) continue;
    parts.push(`${encodeGoJson(key)}:${encodeShaped(members.get(key), shaped.members?.[key])}`);
  }
  return `{${parts.join(",")}}`;
}

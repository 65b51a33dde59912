type Document = Record<string, unknown>;

/** Parameters of queries: their types, and what they are for. */
const PARAMETERS: Readonly<Record<string, readonly [type: string, description: string]>> = {
  allowWatchBookmarks: ["boolean", "Whether a watch may send events of type BOOKMARK."],
  container: ["string", "The container to read; the only one of the pod where left out."],
  continue: ["string", "Where the previous page of the list ended, as that page said."],
  dryRun: ["string", "All: the request is checked and answered, and nothing is kept."],
  fieldManager: ["string", "Who owns the fields that the request sets; at most 128 characters."],
  fieldSelector: ["string", "Restricts the objects by their fields. All where left out."],
  fieldValidation: [
    "string",
    "What becomes of unknown and duplicate fields: Ignore, Warn (the default) or Strict, which refuses them.",
  ],
  follow: ["boolean", "Whether to go on with what is logged from now on."],
  force: ["boolean", "Whether an apply takes over fields that others own. Unset for other patches."],
  gracePeriodSeconds: ["integer", "Seconds before the object is deleted; 0 deletes it at once."],
  ignoreStoreReadErrorWithClusterBreakingPotential: [
    "boolean",
    "Whether to delete an object that cannot be read from the store, without its finalizers.",
  ],
  insecureSkipTLSVerifyBackend: ["boolean", "Whether to accept any certificate of the node."],
  labelSelector: ["string", "Restricts the objects by their labels. All where left out."],
  limit: ["integer", "How many objects a page of the list has at most."],
  limitBytes: ["integer", "How many bytes to send at most."],
  orphanDependents: ["boolean", "Whether dependents stay. Deprecated: use propagationPolicy."],
  pretty: ["string", "Whether the answer is indented."],
  previous: ["boolean", "Whether to read the container that ran before."],
  propagationPolicy: ["string", "What becomes of dependents: Orphan, Background or Foreground."],
  resourceVersion: ["string", "Which version to read or to watch from."],
  resourceVersionMatch: ["string", "How resourceVersion is meant: Exact or NotOlderThan."],
  sendInitialEvents: ["boolean", "Whether a watch begins with all objects that there are."],
  sinceSeconds: ["integer", "How many seconds back to begin."],
  stream: ["string", "Which output to read: All, Stdout or Stderr."],
  tailLines: ["integer", "How many of the last lines to send."],
  timeoutSeconds: ["integer", "Seconds that a list or a watch takes at most."],
  timestamps: ["boolean", "Whether each line begins with its time."],
  watch: ["boolean", "Whether to send changes rather than a list."],
};

/** A parameter of the query. */
export function queryParameter(name: string, edition: "v2" | "v3"): Document {
  const [type = "string", description = ""] = PARAMETERS[name] ?? [];
  return parameter({ name, in: "query", description }, type, edition);
}

/** A part of the path. */
export function pathParameter(name: string, kind: string, edition: "v2" | "v3"): Document {
  const description =
    name === "namespace"
      ? "object name and auth scope, such as for teams and projects"
      : `name of the ${kind}`;
  return parameter({ name, in: "path", description, required: true }, "string", edition);
}

function parameter(head: Document, type: string, edition: "v2" | "v3"): Document {
  const value = { type, uniqueItems: true };
  return edition === "v2" ? { ...head, ...value } : { ...head, schema: value };
}

import type { Answer, Call, Machinery } from "./call.js";
import { badRequest, notFound, untyped } from "./errors.js";
import { invalidVersion } from "./list-options.js";

/** GET of one object. A `resourceVersion` asks for a state at least that new. */
export function get(machinery: Machinery, call: Call): Answer | Promise<Answer> {
  if (call.query.get("export") === "true") {
    throw badRequest("the export parameter, deprecated since v1.14, is no longer supported");
  }
  const asked = call.query.get("resourceVersion");
  if (asked === undefined || asked === "" || asked === "0") return read(machinery, call);
  // A client's mistake, and yet a 500: that is what Kubernetes answers here.
  if (!/^\d{1,19}$/.test(asked)) throw untyped(invalidVersion(asked));
  return machinery.hub.reached(Number(asked), call.signal).then(() => read(machinery, call));
}

function read(machinery: Machinery, call: Call): Answer {
  const { namespace, name } = call.info;
  const object = machinery.objects.get(call.kind, namespace, name);
  if (object === undefined) throw notFound(call.kind, name);
  return { type: "object", status: 200, object };
}

import type { StateReader } from "../registry/ports.js";
import { RBAC_GROUP } from "./policy.js";
import { RbacAuthorizer } from "./rbac-authorizer.js";

const RESOURCES = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];

/** An authorizer that follows the stored roles and bindings; `stop` ends it. */
export function followPolicy(state: StateReader): {
  readonly authorizer: RbacAuthorizer;
  readonly stop: () => void;
} {
  const authorizer = new RbacAuthorizer();
  const stops = RESOURCES.map((resource) =>
    state.follow(`${RBAC_GROUP}/${resource}`, (event) => {
      if (event.type === "ADDED" || event.type === "MODIFIED") authorizer.put(event.object);
      else if (event.type === "DELETED") authorizer.remove(event.object);
    }),
  );
  return {
    authorizer,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

import type { KubeObject } from "@capstan/kube";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import { assertNoEscalation } from "./escalation.js";
import type { RbacAuthorizer } from "./rbac-authorizer.js";

/** Refuses roles and bindings that would grant their writer more than it holds. */
export class EscalationAdmission implements Admission {
  readonly #authorizer: RbacAuthorizer;

  constructor(authorizer: RbacAuthorizer) {
    this.#authorizer = authorizer;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void {
    assertNoEscalation(request, this.#authorizer);
  }
}

import * as definitions from "./prepare/definitions.js";
import { prepareNamespace, prepareNamespaceUpdate } from "./prepare/namespaces.js";
import { preparePod, preparePodUpdate } from "./prepare/pods.js";
import { prepareServiceUpdate } from "./prepare/services.js";
import * as workloads from "./prepare/workloads.js";
import type { KindRules } from "./rules.js";

/** What single kinds do when they are written, by their published type. */
export const KIND_RULES: Readonly<Record<string, KindRules>> = {
  "apiextensions.v1.CustomResourceDefinition": {
    emptyStatus: () => ({}),
    prepareForCreate: definitions.prepareDefinition,
    prepareForUpdate: definitions.prepareDefinitionUpdate,
  },
  "apps.v1.DaemonSet": {
    prepareForCreate: workloads.prepareDaemonSet,
    prepareForUpdate: workloads.prepareDaemonSetUpdate,
  },
  "apps.v1.Deployment": {
    prepareForUpdate: workloads.prepareDeploymentUpdate,
    bumpsGeneration: workloads.deploymentBumps,
  },
  "batch.v1.Job": { prepareForCreate: workloads.prepareJob },
  "certificates.v1.CertificateSigningRequest": {
    prepareForUpdate: definitions.prepareCertificateRequestUpdate,
  },
  "core.v1.Namespace": { prepareForCreate: prepareNamespace, prepareForUpdate: prepareNamespaceUpdate },
  "core.v1.Pod": { prepareForCreate: preparePod, prepareForUpdate: preparePodUpdate },
  "core.v1.Service": { prepareForUpdate: prepareServiceUpdate },
  "discovery.v1.EndpointSlice": { bumpsGeneration: workloads.endpointSliceBumps },
};

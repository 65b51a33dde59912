import { condition, defineResource, duration, int64, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { artifactSchema, localReference, shortDuration, sourceColumns, sourceDefinition } from "./shared.js";

const temporaryCredentials = () =>
  z
    .object({
      certSecretRef: localReference("Secret")
        .optional()
        .meta({ description: "tls.crt, tls.key and ca.crt." }),
      endpoint: z
        .string()
        .regex(/^(http|https):\/\/.*$/)
        .meta({ description: "Where credentials are given out." }),
      provider: z.enum(["aws", "ldap"]).meta({ description: "How they are asked for." }),
      secretRef: localReference("Secret").optional().meta({ description: "username and password." }),
    })
    .meta({ description: "A service that gives out temporary credentials." });

const RULES = [
  {
    message: "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
    rule: "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
  },
  {
    message: "'aws' is the only supported STS provider for the 'aws' Bucket provider",
    rule: "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
  },
  {
    message: "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
    rule: "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
  },
  {
    message: "spec.sts.secretRef is not required for the 'aws' STS provider",
    rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
  },
  {
    message: "spec.sts.certSecretRef is not required for the 'aws' STS provider",
    rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
  },
  {
    message: "ServiceAccountName is not supported for the 'generic' Bucket provider",
    rule: "self.provider != 'generic' || !has(self.serviceAccountName)",
  },
  {
    message: "cannot set both .spec.secretRef and .spec.serviceAccountName",
    rule: "!has(self.secretRef) || !has(self.serviceAccountName)",
  },
];

const spec = () =>
  z
    .object({
      bucketName: z.string().meta({ description: "Name of the bucket." }),
      certSecretRef: localReference("Secret")
        .optional()
        .meta({ description: "tls.crt, tls.key and ca.crt." }),
      endpoint: z.string().meta({ description: "Host and port of the storage." }),
      ignore: z.string().optional().meta({ description: "Keys to leave out, in the format of .gitignore." }),
      insecure: z.boolean().optional().meta({ description: "Uses plain HTTP." }),
      interval: duration().meta({ description: "How often to look for changes." }),
      prefix: z.string().optional().meta({ description: "Takes only keys that begin so." }),
      provider: z
        .enum(["generic", "aws", "gcp", "azure"])
        .default("generic")
        .meta({ description: "Whose storage it is." }),
      proxySecretRef: localReference("Secret")
        .optional()
        .meta({ description: "address, username and password." }),
      region: z.string().optional().meta({ description: "Region of the bucket." }),
      secretRef: localReference("Secret").optional().meta({ description: "accesskey and secretkey." }),
      serviceAccountName: z.string().optional().meta({ description: "For workload identity." }),
      sts: temporaryCredentials().optional(),
      suspend: z.boolean().optional().meta({ description: "Stops looking for changes." }),
      timeout: shortDuration().default("60s").meta({ description: "Bound on one look at the bucket." }),
    })
    .meta({ description: "Which bucket to follow, and how.", "x-kubernetes-validations": RULES });

const status = () =>
  z
    .object({
      artifact: artifactSchema().optional(),
      conditions: z.array(condition()).optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedGeneration: int64().optional(),
      observedIgnore: z.string().optional(),
      url: z.string().optional(),
    })
    .meta({ description: "What was last seen of the bucket." });

/** The Bucket kind. */
export const Bucket = defineResource({
  ...sourceDefinition,
  kind: "Bucket",
  description: "A bucket of an object storage whose content is offered as an artifact.",
  spec: spec(),
  status: status(),
  statusDefault: { observedGeneration: -1 },
  printerColumns: sourceColumns([{ name: "Endpoint", jsonPath: ".spec.endpoint" }]),
});

export type BucketObject = ObjectOf<typeof Bucket>;

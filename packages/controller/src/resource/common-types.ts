import { z } from "zod";

const CONDITION_TYPE =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;

/** A 64-bit integer as Kubernetes types declare it. */
export const int64 = () => z.int().meta({ format: "int64" });

/** An RFC 3339 time. */
export const timestamp = () => z.string().meta({ format: "date-time" });

/** A Go duration such as `1m30s`. */
export const duration = () => z.string().regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/);

/** `metav1.Condition` with the bounds of the API's own definition. */
export const condition = () =>
  z
    .object({
      lastTransitionTime: timestamp().meta({ description: "When the condition last changed." }),
      message: z.string().max(32768).meta({ description: "The details, for people." }),
      observedGeneration: int64().min(0).optional(),
      reason: z
        .string()
        .min(1)
        .max(1024)
        .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
        .meta({ description: "One word for machines." }),
      status: z.enum(["True", "False", "Unknown"]),
      type: z.string().max(316).regex(CONDITION_TYPE),
    })
    .meta({ description: "One aspect of the state of the object." });

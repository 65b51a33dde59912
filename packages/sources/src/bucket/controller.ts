import type { Controller } from "@capstan/controller";
import { Bucket } from "../api/bucket.js";
import { sourceController } from "../source/reconcile.js";
import { fetchBucket } from "./fetch.js";
import type { BucketDependencies } from "./open.js";

/** Defines the controller for Bucket objects. */
export function bucketController(dependencies: BucketDependencies): Controller {
  return sourceController(
    {
      resource: Bucket,
      latest: "latest.tar.gz",
      fetch: (run) => fetchBucket(run, dependencies),
      readyMessage: ({ revision }) => `stored artifact: revision '${revision}'`,
      timeoutFailure: (timeout) => ({
        condition: "FetchFailed",
        reason: "BucketOperationFailed",
        message: `the storage did not answer within ${timeout}`,
        next: "retry",
      }),
    },
    dependencies,
  );
}

import {
  anyOf,
  deletionStarted,
  generationChanged,
  labelsChanged,
  type Predicate,
} from "@capstan/controller";
import { deepEqual } from "@capstan/kube";

/** What its owner declares of an object changed: spec, labels, annotations, deletion. */
export const declarationChanged: Predicate = anyOf(
  generationChanged,
  deletionStarted,
  labelsChanged,
  (event) =>
    event.type !== "updated" ||
    !deepEqual(event.object.metadata.annotations, event.previous.metadata.annotations),
);

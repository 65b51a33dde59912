import { refOf } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import { mapLimited } from "../apply/pool.js";
import { type ActionContext, ActionError } from "./action-context.js";
import { foreign, type ReleaseIdentity } from "./ownership.js";
import { describeObject, type ReleaseObject } from "./resource.js";

const CONCURRENCY = 8;

/**
 * Those of the objects that exist already. Unless ownership is taken they must be the release's; throws
 * `ActionError` where one is not.
 */
export async function existingObjects(
  context: ActionContext,
  objects: readonly ReleaseObject[],
  release: ReleaseIdentity,
  takeOwnership: boolean,
): Promise<readonly ReleaseObject[]> {
  const found = await mapLimited(objects, CONCURRENCY, async (one) => {
    const live = await read(context, one.object);
    if (live === undefined) return undefined;
    const problem = takeOwnership ? undefined : foreign(live, release);
    if (problem === undefined) return one;
    throw new ActionError(
      `${describeObject(one.object)} exists and cannot be imported into the current release: ${problem}`,
    );
  });
  return found.filter((one) => one !== undefined);
}

async function read({ client, signal }: ActionContext, object: KubeObject): Promise<KubeObject | undefined> {
  const { name, generateName } = object.metadata;
  if (generateName !== undefined) {
    if (name === undefined) return undefined;
    throw new ActionError("metadata.name and metadata.generateName cannot both be set");
  }
  try {
    return await client.tryGet(refOf(object), { signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ActionError(
      `could not get information about the resource ${describeObject(object)}: ${error.message}`,
      { cause: error },
    );
  }
}

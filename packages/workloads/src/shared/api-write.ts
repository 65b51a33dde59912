import { ApiError } from "@capstan/kube";

/** The result of a write, `undefined` where its object is gone or was replaced meanwhile. */
export async function unlessGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (ApiError.is(error, "NotFound", "Conflict")) return undefined;
    throw error;
  }
}

/** An artifact that cannot be made; `message` says why. */
export class BuildFailed extends Error {
  override readonly name = "BuildFailed";
}

/** The same, where trying again cannot help: the declaration has to change. */
export class Invalid extends Error {
  override readonly name = "Invalid";
  readonly reason: "ValidationFailed" | "AccessDenied" | "BuildFailed";

  constructor(reason: Invalid["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

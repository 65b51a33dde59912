/** The version of this build; the bundle has the number of `package.json` in its place. */
export const version: string = process.env["CAPSTAN_VERSION"] ?? "0.0.0-dev";

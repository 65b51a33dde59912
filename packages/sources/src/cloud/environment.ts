import type { Clock } from "@capstan/kube";

/** What the machine that this runs on says of its identity at a cloud. */
export interface CloudEnvironment {
  /** The variables by which clouds tell programs who they are (`AWS_ROLE_ARN`, `AZURE_CLIENT_ID`, …). */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Services to ask in the place of the clouds' own. */
  readonly endpoints?: Partial<CloudEndpoints>;
  readonly clock: Clock;
}

/** Addresses of the services that give out identities, without a trailing slash. */
export interface CloudEndpoints {
  /** Instance metadata on AWS. */
  readonly awsMetadata: string;
  /** Security token service of AWS; by region where left out. */
  readonly awsSts: string;
  /** The registry's own service, which trades credentials for a login. */
  readonly awsEcr: string;
  /** Key management of AWS; by region where left out. */
  readonly awsKms: string;
  /** Key management of Google Cloud. */
  readonly gcpKms: string;
  /** A key vault in the place of those that files name. */
  readonly azureVault: string;
  /** Instance metadata on Google Cloud. */
  readonly gcpMetadata: string;
  /** Instance metadata on Azure. */
  readonly azureMetadata: string;
  /** Microsoft's identity service. */
  readonly azureAuthority: string;
}

/** Which services of a cloud to ask: the cloud's own, unless told otherwise. */
export function endpointsOf({
  endpoints = {},
}: CloudEnvironment): Partial<CloudEndpoints> &
  Pick<CloudEndpoints, "awsMetadata" | "gcpMetadata" | "azureMetadata" | "azureAuthority"> {
  return {
    awsMetadata: "http://169.254.169.254",
    gcpMetadata: "http://metadata.google.internal",
    azureMetadata: "http://169.254.169.254",
    azureAuthority: "https://login.microsoftonline.com",
    ...endpoints,
  };
}

/** No identity could be had; `message` carries no secret. */
export class CloudError extends Error {
  override readonly name = "CloudError";
}

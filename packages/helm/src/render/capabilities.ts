import { tryParseVersion } from "@capstan/kube";
import { ChartError } from "../chart/chart.js";
import { GoMap, type GoMethod, GoStruct, type GoValue } from "../value/go-value.js";

const groups: readonly (readonly [string, string])[] = [
  ["", "v1"],
  ["admissionregistration.k8s.io", "v1 v1alpha1 v1beta1"],
  ["internal.apiserver.k8s.io", "v1alpha1"],
  ["apps", "v1 v1beta1 v1beta2"],
  ["authentication.k8s.io", "v1 v1alpha1 v1beta1"],
  ["authorization.k8s.io", "v1 v1beta1"],
  ["autoscaling", "v1 v2 v2beta1 v2beta2"],
  ["batch", "v1 v1beta1"],
  ["certificates.k8s.io", "v1 v1beta1 v1alpha1"],
  ["coordination.k8s.io", "v1alpha2 v1beta1 v1"],
  ["discovery.k8s.io", "v1 v1beta1"],
  ["events.k8s.io", "v1 v1beta1"],
  ["extensions", "v1beta1"],
  ["flowcontrol.apiserver.k8s.io", "v1 v1beta1 v1beta2 v1beta3"],
  ["networking.k8s.io", "v1 v1beta1"],
  ["node.k8s.io", "v1 v1alpha1 v1beta1"],
  ["policy", "v1 v1beta1"],
  ["rbac.authorization.k8s.io", "v1 v1beta1 v1alpha1"],
  ["resource.k8s.io", "v1 v1beta2 v1beta1 v1alpha3"],
  ["scheduling.k8s.io", "v1alpha1 v1beta1 v1"],
  ["storage.k8s.io", "v1beta1 v1 v1alpha1"],
  ["storagemigration.k8s.io", "v1beta1"],
  ["apiextensions.k8s.io", "v1beta1 v1"],
];

/** The API versions a rendering knows of without a cluster. */
export const defaultApiVersions: readonly string[] = groups.flatMap(([group, versions]) =>
  versions.split(" ").map((version) => (group === "" ? version : `${group}/${version}`)),
);

/** The Kubernetes version a rendering assumes without a cluster. */
export const defaultKubeVersion = "v1.35.0";

class KubeVersion extends GoStruct {
  readonly typeName = "common.KubeVersion";
  readonly fields: ReadonlyMap<string, string>;

  constructor(version: string) {
    super();
    const parsed = tryParseVersion(version);
    if (parsed === undefined)
      throw new ChartError(`invalid kube version '${version}': could not parse "${version}" as version`);
    const full = version.startsWith("v") ? version : `v${version}`;
    this.fields = new Map([
      ["Version", full],
      ["GitVersion", full],
      ["Major", String(parsed.major)],
      ["Minor", String(parsed.minor)],
    ]);
  }

  override field(name: string): GoValue | undefined {
    return this.fields.get(name);
  }

  override method(name: string): GoMethod | undefined {
    return name === "String" ? { params: [], run: () => this.text() } : undefined;
  }

  text(): string {
    return this.fields.get("Version") ?? "";
  }

  override formatted(): string {
    return `{${[...this.fields.values()].join(" ")}}`;
  }

  toPlain(): unknown {
    return {
      Version: this.fields.get("Version"),
      Major: this.fields.get("Major"),
      Minor: this.fields.get("Minor"),
    };
  }
}

class HelmVersion extends GoStruct {
  readonly typeName = "version.BuildInfo";
  readonly values: Readonly<Record<string, string>> = {
    Version: "v4.1.4",
    GitCommit: "",
    GitTreeState: "clean",
    GoVersion: "go1.25.9",
    KubeClientVersion: "v1.35",
  };

  override field(name: string): GoValue | undefined {
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined;
  }

  text(): string {
    return `{${Object.values(this.values).join(" ")}}`;
  }

  toPlain(): unknown {
    const { Version, GitCommit, GitTreeState, GoVersion, KubeClientVersion } = this.values;
    return {
      version: Version,
      git_commit: GitCommit,
      git_tree_state: GitTreeState,
      go_version: GoVersion,
      kube_client_version: KubeClientVersion,
    };
  }
}

class VersionSet extends GoStruct {
  readonly typeName = "common.VersionSet";
  override readonly kind = "slice" as const;
  private readonly versions: readonly string[];
  private readonly known: ReadonlySet<string>;

  constructor(versions: readonly string[]) {
    super();
    this.versions = versions;
    this.known = new Set(versions);
  }

  override method(name: string): GoMethod | undefined {
    return name === "Has"
      ? { params: ["string"], run: (version) => this.known.has(String(version)) }
      : undefined;
  }

  text(): string {
    return `[${this.versions.join(" ")}]`;
  }

  toPlain(): unknown {
    return [...this.versions];
  }

  override elements(): GoValue[] {
    return [...this.versions];
  }

  override truth(): boolean {
    return this.versions.length > 0;
  }
}

class Capabilities extends GoStruct {
  readonly typeName = "*common.Capabilities";
  override readonly kind = "ptr" as const;
  private readonly values: GoMap;

  constructor(kubeVersion: string, apiVersions: readonly string[]) {
    super();
    this.values = new GoMap([
      ["KubeVersion", new KubeVersion(kubeVersion)],
      ["HelmVersion", new HelmVersion()],
      ["APIVersions", new VersionSet(apiVersions)],
    ]);
  }

  override field(name: string): GoValue | undefined {
    return this.values.get(name);
  }

  text(): string {
    return "&{}";
  }

  toPlain(): unknown {
    return Object.fromEntries(
      [...this.values].map(([key, value]) => [key, value instanceof GoStruct ? value.toPlain() : null]),
    );
  }
}

/** `.Capabilities`. Throws ChartError for a version that cannot be read. */
export function capabilities(kubeVersion: string, apiVersions: readonly string[]): GoValue {
  return new Capabilities(kubeVersion, apiVersions);
}

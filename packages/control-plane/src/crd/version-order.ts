const KUBE_VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STABILITY = ["alpha", "beta", undefined];

/**
 * Orders versions as Kubernetes ranks them: `v2` over `v1` over `v1beta2` over `v1alpha1` over names of
 * another form, those by the alphabet backwards. Positive where `a` ranks above `b`.
 */
export function compareVersions(a: string, b: string): number {
  const left = KUBE_VERSION.exec(a);
  const right = KUBE_VERSION.exec(b);
  if (!left || !right) return left ? 1 : right ? -1 : a < b ? 1 : a > b ? -1 : 0;
  return (
    STABILITY.indexOf(left[2]) - STABILITY.indexOf(right[2]) ||
    Number(left[1]) - Number(right[1]) ||
    Number(left[3] ?? 0) - Number(right[3] ?? 0)
  );
}

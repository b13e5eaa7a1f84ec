/** Numbers of a version, `2.3.2` as [2, 3, 2]; null for anything that is not a plain release. */
export function releaseOf(version: string | null): number[] | null {
  return version !== null && /^\d+(\.\d+)*$/.test(version)
    ? version.split('.').map(Number)
    : null;
}

/** Below 0 where `a` is the older release; missing numbers count as 0. */
export function compareReleases(
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>
): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** Whether `version` is a release, at least `from` and before `until`. */
export function isBetween(
  version: string | null,
  from: string,
  until: string | null
): boolean {
  const release = releaseOf(version);
  const least = releaseOf(from);
  const end = releaseOf(until);
  return (
    release !== null &&
    least !== null &&
    compareReleases(release, least) >= 0 &&
    (end === null || compareReleases(release, end) < 0)
  );
}

/** The first number, also of versions such as `3.1.0rc1`; null where there is none. */
export function majorOf(version: string | null): number | null {
  const found = version === null ? null : /^v?(\d+)\./.exec(version);
  return found ? Number(found[1]) : null;
}

/** Orders the versions of a group: stable ones first, newest first (apimachinery, pkg/version, CompareKubeAwareVersionStrings). */
export function compareVersions(left: string, right: string): number {
  const [leftRank, rightRank] = [versionRank(left), versionRank(right)];
  for (const [index, value] of leftRank.entries()) {
    const difference = (rightRank[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : 1;
}

const STAGES = ['alpha', 'beta', undefined];

function versionRank(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return [-1, 0, 0];
  return [STAGES.indexOf(match[2]), Number(match[1]), Number(match[3] ?? 0)];
}

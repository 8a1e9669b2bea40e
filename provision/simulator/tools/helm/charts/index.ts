/** Istio's charts, and how a chart is found by what a learner calls it. */
import { ISTIO_VERSION } from '../../../versions.ts';
import { CommandError } from '../../istioctl/cli/command.ts';
import type { Repository } from '../repositories.ts';
import { baseChart } from './base.ts';
import type { Chart } from './chart.ts';
import { gatewayChart } from './gateway.ts';
import { istiodChart } from './istiod.ts';

export const CHARTS: readonly Chart[] = [baseChart, gatewayChart, istiodChart];

/** Charts of Istio that ask for what the simulator does not have. */
const NOT_SIMULATED: Readonly<Record<string, string>> = {
  ambient: 'ambient mode',
  cni: 'a network plug-in on the nodes',
  ztunnel: 'ambient mode',
};

/** Where Istio publishes its charts. */
export const ISTIO_REPOSITORY = 'https://istio-release.storage.googleapis.com/charts';

/**
 * The chart of `istio/istiod`, or of `istiod` with `--repo`.
 * @throws CommandError in helm's words, or in one sentence for charts that are not Istio's
 */
export function findChart(reference: string, { repositories, repo, version }: Search): Chart {
  if (reference.startsWith('oci://')) {
    throw new CommandError(
      `charts in OCI registries are not simulated: use "helm repo add istio ${ISTIO_REPOSITORY}" and istio/${reference.split('/').at(-1) ?? ''}`,
    );
  }
  const [repository = '', name] = repo === '' ? reference.split('/') : ['', reference];
  if (name === undefined || /^[./]/.test(reference) || reference.split('/').length > 2) {
    throw new CommandError(
      `path ${JSON.stringify(reference)} not found: this helm knows the charts of ${ISTIO_REPOSITORY} only, such as istio/istiod`,
    );
  }
  if (repo === '' && !repositories.some((one) => one.name === repository)) {
    throw new CommandError(`repo ${repository} not found`);
  }
  const missing = NOT_SIMULATED[name];
  if (missing !== undefined) {
    throw new CommandError(`chart ${name} is not simulated: it needs ${missing}`);
  }
  const chart = CHARTS.find((one) => one.name === name);
  const where = `not found in ${repository || repo} index. (try 'helm repo update')`;
  if (!chart)
    throw new CommandError(`chart "${name}" matching ${version} ${where}: no chart name found`);
  if (!isVersion(version)) {
    throw new CommandError(
      `chart "${name}" matching ${version} ${where}: no chart version found for ${name}-${version}`,
    );
  }
  return chart;
}

interface Search {
  readonly repositories: readonly Repository[];
  /** Value of `--repo`; empty without. */
  readonly repo: string;
  /** Value of `--version`; empty without. */
  readonly version: string;
}

/** Constraints are read as far as lessons write them: a version, or a prefix such as 1.30, ~1.30 or ^1. */
function isVersion(asked: string): boolean {
  const bare = asked.replace(/^(v|=|~|\^|>=)\s*/, '').replace(/(\.[x*])+$/, '');
  return bare === '' || ISTIO_VERSION === bare || ISTIO_VERSION.startsWith(`${bare}.`);
}

import { ISTIO_VERSION } from '../../../versions.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import type { KubeApi } from '../kube/api.ts';
import { connect } from '../kube/connect.ts';
import { controlPlanes } from '../kube/installed.ts';
import { proxiesOf, type ProxyPod } from '../kube/proxies.ts';
import { toYaml } from '../kube/yaml.ts';

export const versionCommand: Command = {
  name: 'version',
  short: 'Print the versions of istioctl, of the control plane and of the proxies',
  flags: [
    { name: 'output', short: 'o', type: 'text', usage: 'Format of the output: yaml or json' },
    { name: 'remote', type: 'boolean', default: 'true', usage: 'Ask the cluster as well' },
    {
      name: 'revision',
      short: 'r',
      type: 'text',
      usage: 'Only this revision of the control plane',
    },
    {
      name: 'short',
      short: 's',
      type: 'boolean',
      default: 'true',
      usage: 'Version numbers alone; --short=false adds how each was built',
    },
  ],
  run: version,
};

/** What Istio's programs say of their build; the status is where ours says what it is. */
interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly golang_version: string;
  readonly status: string;
  readonly tag: string;
}

interface Versions {
  readonly clientVersion: BuildInfo;
  readonly meshVersion?: readonly { readonly Component: string; readonly Info: BuildInfo }[];
  readonly dataPlaneVersion?: readonly { readonly ID: string; readonly IstioVersion: string }[];
}

async function version(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const output = flags.text('output');
  if (!['', 'json', 'yaml'].includes(output)) {
    throw new CommandError('--output must be "yaml" or "json"');
  }
  const versions = flags.isOn('remote') ? await remote(invocation) : { clientVersion: build() };
  if (versions.meshVersion?.length === 0) {
    context.terminal.stderr('Istio is not present in the cluster\n');
  }
  context.terminal.stdout(await written(versions, output, flags.isOn('short')));
  return EXIT.done;
}

async function remote(invocation: Invocation): Promise<Versions> {
  using api = await connect(invocation);
  const planes = await meshVersion(api, invocation);
  if (planes.length === 0) return { clientVersion: build(), meshVersion: [] };
  const proxies = (await proxiesOf(api)).filter(({ isRunning }) => isRunning);
  return {
    clientVersion: build(),
    meshVersion: planes,
    dataPlaneVersion: proxies.map(({ id, version: IstioVersion }: ProxyPod) => ({
      ID: id,
      IstioVersion,
    })),
  };
}

async function meshVersion(
  api: KubeApi,
  { flags }: Invocation,
): Promise<readonly { readonly Component: string; readonly Info: BuildInfo }[]> {
  const planes = await controlPlanes(api, flags.text('istioNamespace'));
  const asked = flags.text('revision');
  return planes
    .filter(({ revision }) => asked === '' || revision === asked)
    .map((plane) => ({ Component: 'pilot', Info: build(plane.version) }));
}

function build(number = ISTIO_VERSION): BuildInfo {
  return {
    version: number,
    revision: 'simulated',
    golang_version: '',
    status: 'Regatta simulator',
    tag: number,
  };
}

async function written(versions: Versions, output: string, isShort: boolean): Promise<string> {
  if (output === 'json') return `${JSON.stringify(versions, undefined, 2)}\n`;
  if (output === 'yaml') return toYaml([versions]);
  const shown = (info: BuildInfo) => (isShort ? info.version : longForm(info));
  const lines = [`client version: ${shown(versions.clientVersion)}`];
  for (const { Info } of versions.meshVersion ?? [])
    lines.push(`control plane version: ${shown(Info)}`);
  if (versions.dataPlaneVersion) {
    lines.push(`data plane version: ${countByVersion(versions.dataPlaneVersion)}`);
  }
  return `${lines.join('\n')}\n(Regatta simulator)\n`;
}

function longForm({
  version: number,
  revision,
  golang_version: go,
  status,
  tag,
}: BuildInfo): string {
  return `version.BuildInfo{Version:"${number}", GitRevision:"${revision}", GolangVersion:"${go}", BuildStatus:"${status}", GitTag:"${tag}"}`;
}

/** `1.30.3 (7 proxies)`, each version once. */
function countByVersion(proxies: readonly { readonly IstioVersion: string }[]): string {
  if (proxies.length === 0) return 'none';
  const counts = new Map<string, number>();
  for (const { IstioVersion } of proxies) {
    counts.set(IstioVersion, (counts.get(IstioVersion) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([number, count]) => `${number} (${count} proxies)`)
    .join(', ');
}

import type { JsonObject } from '../../kinds/object.ts';
import { UNPRIVILEGED } from './security-context.ts';
import { settingAt, type InjectionSettings } from './settings.ts';
import { interceptionMode, proxyImage, type InjectionTarget, resources } from './target.ts';

/** Whether the CNI plug-in redirects traffic, so that the pod only checks that it has. */
function isByCni(settings: InjectionSettings): boolean {
  return settingAt(settings, 'pilot.cni.enabled') === 'true';
}

/**
 * Redirects the pod's traffic to the proxy and ends (`istio-iptables`), or checks that the CNI plug-in has done so; undefined for a
 * pod that wants no redirection.
 */
export function initContainer(
  settings: InjectionSettings,
  target: InjectionTarget,
): JsonObject | undefined {
  const mode = interceptionMode(target);
  if (mode === 'NONE') return undefined;
  const byCni = isByCni(settings);
  return {
    name: byCni ? 'istio-validation' : 'istio-init',
    image: proxyImage(settings, target),
    args: [
      ...`istio-iptables -p 15001 -z 15006 -u 1337 -m ${mode}`.split(' '),
      ...scope(settings, target),
      `--log_output_level=${settingAt(settings, 'global.logging.level', 'default:info')}`,
      ...(byCni ? ['--run-validation', '--skip-rule-apply'] : []),
    ],
    resources: resources(settings, target),
    securityContext: byCni ? UNPRIVILEGED : SETS_RULES,
  };
}

/** Which traffic is redirected and which is not: by the pod's annotations, else by the installation. */
function scope(settings: InjectionSettings, { annotations }: InjectionTarget): readonly string[] {
  const value = (annotation: string, setting = annotation, otherwise = '') =>
    annotations[`traffic.sidecar.istio.io/${annotation}`] ??
    settingAt(settings, `global.proxy.${setting}`, otherwise);
  const statusPort =
    annotations['status.sidecar.istio.io/port'] ??
    settingAt(settings, 'global.proxy.statusPort', '15020');
  const inbound = ['15090', '15021', ...(statusPort === '0' ? [] : [statusPort])];
  const excluded = value('excludeInboundPorts');
  return [
    '-i',
    value('includeOutboundIPRanges', 'includeIPRanges', '*'),
    '-x',
    value('excludeOutboundIPRanges', 'excludeIPRanges'),
    '-b',
    value('includeInboundPorts', 'includeInboundPorts', '*'),
    '-d',
    [...inbound, ...(excluded === '' ? [] : [excluded])].join(','),
    ...flag('-q', value('includeOutboundPorts')),
    ...flag('-o', value('excludeOutboundPorts')),
    ...flag('-k', annotations['istio.io/reroute-virtual-interfaces'] ?? ''),
    ...flag('-c', annotations['traffic.sidecar.istio.io/excludeInterfaces'] ?? ''),
  ];
}

const SETS_RULES: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: false,
  runAsGroup: 0,
  runAsNonRoot: false,
  runAsUser: 0,
};

function flag(letter: string, list: string): readonly string[] {
  return list === '' ? [] : [letter, list];
}

/** Checks of the level `baseline` (Kubernetes documentation, "Pod Security Standards"; upstream: pod-security-admission/policy). */
import type { JsonObject } from '../../../kinds/object.ts';
import {
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringMapAt,
  stringsAt,
} from '../../objects/json.ts';
import {
  containerList,
  containersOf,
  nameOf,
  plural,
  quoted,
  securityAt,
  securityObject,
  setters,
  sorted,
  type Check,
  type PodLike,
  type Violation,
} from './check.ts';

const CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
/** Safe sysctls by the minor version that first knew them as safe. */
const SYSCTLS: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
};
const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const PROFILES = ['RuntimeDefault', 'Localhost'];
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

export const BASELINE: readonly Check[] = [
  { name: 'appArmorProfile', find: appArmor },
  { name: 'capabilities_baseline', find: capabilities },
  { name: 'hostNamespaces', find: hostNamespaces },
  { name: 'hostPathVolumes', find: hostPaths },
  { name: 'hostPorts', find: hostPorts },
  { name: 'hostProbesAndHostLifecycle', since: 34, find: hostsOfProbes },
  { name: 'privileged', find: privileged },
  { name: 'procMount', find: procMounts },
  { name: 'seLinuxOptions', find: seLinux },
  { name: 'seccompProfile_baseline', find: seccomp },
  { name: 'sysctls', find: sysctls },
  { name: 'windowsHostProcess', find: hostProcess },
];

/** The type of seccomp profile that a pod or container asks for. */
export function seccompTypeOf(holder: JsonObject): string | undefined {
  return stringAt(securityObject(holder, 'seccompProfile'), 'type');
}

/** Whether a pod or container asks for a seccomp profile that it may not have. */
export function hasBadProfile(holder: JsonObject): boolean {
  const type = seccompTypeOf(holder);
  return type !== undefined && !PROFILES.includes(type);
}

function appArmor(pod: PodLike): Violation | undefined {
  const isPod = hasBadAppArmor(pod.spec);
  const bad = containersOf(pod).filter(hasBadAppArmor);
  const annotations = Object.entries(stringMapAt(pod.metadata, 'annotations'))
    .filter(([key, value]) => key.startsWith(APPARMOR) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .toSorted();
  if (!isPod && bad.length + annotations.length === 0) return undefined;
  const types = [...(isPod ? [pod.spec] : []), ...bad].map((one) => appArmorTypeOf(one) ?? '');
  const values = [...sorted(types), ...annotations];
  const who = [
    ...(isPod || bad.length > 0 ? [setters(isPod, bad.map(nameOf))] : []),
    ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : []),
  ].join(' and ');
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${who} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

function appArmorTypeOf(holder: JsonObject): string | undefined {
  return stringAt(securityObject(holder, 'appArmorProfile'), 'type');
}

function hasBadAppArmor(holder: JsonObject): boolean {
  const type = appArmorTypeOf(holder);
  return type !== undefined && !PROFILES.includes(type);
}

function isAllowedAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

function capabilities(pod: PodLike): Violation | undefined {
  const bad = containersOf(pod).filter((one) => unusualCapabilities(one).length > 0);
  if (bad.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail: `${containerList(bad.map(nameOf))} must not include ${quoted(sorted(bad.flatMap(unusualCapabilities)))} in securityContext.capabilities.add`,
  };
}

function unusualCapabilities(container: JsonObject): readonly string[] {
  const added = stringsAt(securityObject(container, 'capabilities'), 'add');
  return added.filter((name) => !CAPABILITIES.has(name));
}

function hostNamespaces({ spec }: PodLike): Violation | undefined {
  const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => spec[key] === true);
  if (used.length === 0) return undefined;
  return { reason: 'host namespaces', detail: used.map((key) => `${key}=true`).join(', ') };
}

function hostPaths({ spec }: PodLike): Violation | undefined {
  const names = listAt(spec, 'volumes')
    .filter((volume) => Object.keys(objectAt(volume, 'hostPath')).length > 0)
    .map((volume) => stringAt(volume, 'name') ?? '');
  if (names.length === 0) return undefined;
  return {
    reason: 'hostPath volumes',
    detail: `${plural('volume', names.length)} ${quoted(names)}`,
  };
}

function hostPorts(pod: PodLike): Violation | undefined {
  const bad = containersOf(pod).filter((container) => hostPortsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const all = sorted(bad.flatMap(hostPortsOf));
  return {
    reason: 'hostPort',
    detail: `${containerList(bad.map(nameOf))} ${uses(bad.length)} ${plural('hostPort', all.length)} ${all.join(', ')}`,
  };
}

function hostPortsOf(container: JsonObject): readonly string[] {
  return listAt(container, 'ports')
    .map((port) => numberAt(port, 'hostPort') ?? 0)
    .filter((port) => port !== 0)
    .map(String);
}

function probedHosts(container: JsonObject): readonly string[] {
  const handlers = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((key) => objectAt(container, key)),
    ...['postStart', 'preStop'].map((key) => objectAt(container, 'lifecycle', key)),
  ];
  return handlers
    .flatMap((handler) =>
      ['httpGet', 'tcpSocket'].map((way) => stringAt(handler, way, 'host') ?? ''),
    )
    .filter((host) => host !== '');
}

function hostsOfProbes(pod: PodLike): Violation | undefined {
  const bad = containersOf(pod).filter((container) => probedHosts(container).length > 0);
  if (bad.length === 0) return undefined;
  const all = sorted(bad.flatMap(probedHosts));
  const names = sorted(bad.map(nameOf));
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerList(names)} ${uses(names.length)} ${plural('probe or lifecycle host', all.length)} ${quoted(all)}`,
  };
}

function privileged(pod: PodLike): Violation | undefined {
  const bad = containersOf(pod).filter((one) => securityAt(one, 'privileged') === true);
  if (bad.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containerList(bad.map(nameOf))} must not set securityContext.privileged=true`,
  };
}

function procMounts(pod: PodLike): Violation | undefined {
  const bad = containersOf(pod).filter((one) => procMountOf(one) !== 'Default');
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(procMountOf));
  return {
    reason: 'procMount',
    detail: `${containerList(bad.map(nameOf))} must not set securityContext.procMount to ${quoted(types)}`,
  };
}

function procMountOf(container: JsonObject): string {
  return stringAt(securityObject(container), 'procMount') ?? 'Default';
}

function seLinuxOption(holder: JsonObject, key: string): string {
  return stringAt(securityObject(holder, 'seLinuxOptions'), key) ?? '';
}

function seLinux(pod: PodLike, minor: number): Violation | undefined {
  const allowed = minor >= 31 ? [...SELINUX_TYPES, 'container_engine_t'] : SELINUX_TYPES;
  const isBad = (holder: JsonObject) =>
    !allowed.includes(seLinuxOption(holder, 'type')) ||
    seLinuxOption(holder, 'user') !== '' ||
    seLinuxOption(holder, 'role') !== '';
  const isPod = isBad(pod.spec);
  const bad = containersOf(pod).filter(isBad);
  if (!isPod && bad.length === 0) return undefined;
  const holders = [...(isPod ? [pod.spec] : []), ...bad];
  const types = sorted(holders.map((one) => seLinuxOption(one, 'type'))).filter(
    (type) => !allowed.includes(type),
  );
  const isSet = (key: string) => holders.some((one) => seLinuxOption(one, key) !== '');
  const what = [
    ...(types.length > 0 ? [`${plural('type', types.length)} ${quoted(types)}`] : []),
    ...(isSet('user') ? ['user may not be set'] : []),
    ...(isSet('role') ? ['role may not be set'] : []),
  ].join('; ');
  return {
    reason: 'seLinuxOptions',
    detail: `${setters(isPod, bad.map(nameOf))} set forbidden securityContext.seLinuxOptions: ${what}`,
  };
}

function seccomp(pod: PodLike, minor: number): Violation | undefined {
  if (minor < 19) return seccompAnnotations(pod);
  const isPod = hasBadProfile(pod.spec);
  const bad = containersOf(pod).filter(hasBadProfile);
  if (!isPod && bad.length === 0) return undefined;
  const types = sorted(
    [...(isPod ? [pod.spec] : []), ...bad].map((one) => seccompTypeOf(one) ?? ''),
  );
  return {
    reason: 'seccompProfile',
    detail: `${setters(isPod, bad.map(nameOf))} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

function seccompAnnotations(pod: PodLike): Violation | undefined {
  const annotations = stringMapAt(pod.metadata, 'annotations');
  const keys = [
    SECCOMP_POD,
    ...containersOf(pod).map((container) => `${SECCOMP_CONTAINER}${nameOf(container)}`),
  ];
  const bad = keys.flatMap((key) => {
    const value = annotations[key];
    const isAllowed =
      value === undefined ||
      value === 'runtime/default' ||
      value === 'docker/default' ||
      value.startsWith('localhost/');
    return isAllowed ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  if (bad.length === 0) return undefined;
  const all = sorted(bad);
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', all.length)} ${all.join(', ')}`,
  };
}

function sysctls({ spec }: PodLike, minor: number): Violation | undefined {
  const names = listAt(securityObject(spec), 'sysctls')
    .map((sysctl) => stringAt(sysctl, 'name') ?? '')
    .filter((name) => (SYSCTLS[name] ?? Infinity) > minor);
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
}

function hostProcess(pod: PodLike): Violation | undefined {
  const isPod = isHostProcess(pod.spec);
  const bad = containersOf(pod).filter(isHostProcess);
  if (!isPod && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${setters(isPod, bad.map(nameOf))} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

function isHostProcess(holder: JsonObject): boolean {
  return securityAt(holder, 'windowsOptions', 'hostProcess') === true;
}

function uses(count: number): string {
  return count === 1 ? 'uses' : 'use';
}

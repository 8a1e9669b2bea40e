/** Checks that the level `restricted` adds to `baseline` (Kubernetes documentation, "Pod Security Standards"). */
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { isObject, listAt, numberAt, stringAt, stringsAt } from '../../objects/json.ts';
import { hasBadProfile, seccompTypeOf } from './baseline.ts';
import {
  containerList,
  containersOf,
  isExemptWindows,
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

const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export const RESTRICTED: readonly Check[] = [
  { name: 'allowPrivilegeEscalation', since: 8, find: escalation },
  {
    name: 'capabilities_restricted',
    since: 22,
    replaces: 'capabilities_baseline',
    find: capabilities,
  },
  { name: 'restrictedVolumes', replaces: 'hostPathVolumes', find: volumes },
  { name: 'runAsNonRoot', find: nonRoot },
  { name: 'runAsUser', since: 23, find: rootUser },
  {
    name: 'seccompProfile_restricted',
    since: 19,
    replaces: 'seccompProfile_baseline',
    find: seccomp,
  },
];

function escalation(pod: PodLike, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const bad = containersOf(pod).filter(
    (one) => securityAt(one, 'allowPrivilegeEscalation') !== false,
  );
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containerList(bad.map(nameOf))} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function capabilities(pod: PodLike, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const all = containersOf(pod);
  const keeping = all.filter((container) => !capabilitiesAt(container, 'drop').includes('ALL'));
  const adding = all.filter((container) => added(container).length > 0);
  if (keeping.length + adding.length === 0) return undefined;
  const details = [
    ...(keeping.length > 0
      ? [`${containerList(keeping.map(nameOf))} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [
          `${containerList(adding.map(nameOf))} must not include ${quoted(sorted(adding.flatMap(added)))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function capabilitiesAt(container: JsonObject, list: 'add' | 'drop'): readonly string[] {
  return stringsAt(securityObject(container, 'capabilities'), list);
}

function added(container: JsonObject): readonly string[] {
  return capabilitiesAt(container, 'add').filter((name) => name !== 'NET_BIND_SERVICE');
}

function typesOf(volume: Json): readonly string[] {
  return isObject(volume) ? Object.keys(volume).filter((key) => isObject(volume[key])) : [];
}

function isRoot(holder: JsonObject): boolean {
  return numberAt(securityObject(holder), 'runAsUser') === 0;
}

function volumes({ spec }: PodLike): Violation | undefined {
  const bad = listAt(spec, 'volumes').filter(
    (volume) => !typesOf(volume).some((type) => VOLUMES.has(type)),
  );
  if (bad.length === 0) return undefined;
  const names = bad.map((volume) => stringAt(volume, 'name') ?? '');
  const types = sorted(bad.map((volume) => typesOf(volume)[0] ?? 'unknown'));
  const verb = names.length === 1 ? 'uses' : 'use';
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', names.length)} ${quoted(names)} ${verb} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
}

function nonRoot(pod: PodLike): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const ofPod = securityAt(pod.spec, 'runAsNonRoot');
  const all = containersOf(pod);
  const explicit = all.filter((one) => securityAt(one, 'runAsNonRoot') === false);
  if (ofPod === false || explicit.length > 0) {
    const who = setters(ofPod === false, explicit.map(nameOf));
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  const silent = all.filter((one) => securityAt(one, 'runAsNonRoot') === undefined);
  if (ofPod === true || silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${containerList(silent.map(nameOf))} must set securityContext.runAsNonRoot=true`,
  };
}

function rootUser(pod: PodLike): Violation | undefined {
  const isPod = isRoot(pod.spec);
  const bad = containersOf(pod).filter(isRoot);
  if (!isPod && bad.length === 0) return undefined;
  return {
    reason: 'runAsUser=0',
    detail: `${setters(isPod, bad.map(nameOf))} must not set runAsUser=0`,
  };
}

function seccomp(pod: PodLike, minor: number): Violation | undefined {
  if (isExemptWindows(pod, minor)) return undefined;
  const reason = 'seccompProfile';
  const isPod = hasBadProfile(pod.spec);
  const all = containersOf(pod);
  const bad = all.filter(hasBadProfile);
  if (isPod || bad.length > 0) {
    const types = sorted(
      [...(isPod ? [pod.spec] : []), ...bad].map((one) => seccompTypeOf(one) ?? ''),
    );
    return {
      reason,
      detail: `${setters(isPod, bad.map(nameOf))} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
    };
  }
  const silent = all.filter((one) => seccompTypeOf(one) === undefined);
  if (seccompTypeOf(pod.spec) !== undefined || silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${containerList(silent.map(nameOf))} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

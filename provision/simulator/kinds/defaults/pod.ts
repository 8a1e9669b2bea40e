/** What the API server fills into pods and pod templates (Kubernetes, pkg/apis/core/v1/defaults.go). */
import {
  changeField,
  changeItems,
  isUnset,
  listAt,
  objectAt,
  stringAt,
  withDefaults,
} from '../json.ts';
import type { Json, JsonObject } from '../object.ts';
import { defaultFieldRef, defaultResourceRef, defaultVolume } from './pod-volumes.ts';

/** Defaults of a whole Pod: those of its spec and what only pods get, not templates. */
export function defaultPod(pod: JsonObject): JsonObject {
  return changeField(pod, 'spec', (spec) => {
    const complete = withDefaults(defaultPodSpec(spec), { enableServiceLinks: true });
    const requesting = changeContainers(complete, requestsFromLimits);
    return ownRequests(
      spec['hostNetwork'] === true ? changeContainers(requesting, hostPorts) : requesting,
    );
  });
}

/** Defaults of the pod template under `spec.template` of a workload. */
export function defaultTemplate(spec: JsonObject): JsonObject {
  return changeField(spec, 'template', (template) =>
    changeField(withDefaults(template, { metadata: {} }), 'spec', defaultPodSpec),
  );
}

/** Defaults of a PodSpec. */
export function defaultPodSpec(spec: JsonObject): JsonObject {
  const account = stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount');
  const complete = withDefaults(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    // The old name is kept in step with the new one.
    ...(account !== '' && { serviceAccountName: account, serviceAccount: account }),
  });
  const contained = changeContainers(complete, defaultContainer);
  const ephemeral = changeItems(contained, 'ephemeralContainers', defaultContainer);
  return changeItems(ephemeral, 'volumes', defaultVolume);
}

function changeContainers(
  spec: JsonObject,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  return changeItems(changeItems(spec, 'initContainers', change), 'containers', change);
}

function defaultContainer(container: JsonObject): JsonObject {
  const complete = withDefaults(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(stringAt(container, 'image')),
  });
  const ported = changeItems(complete, 'ports', (port) => withDefaults(port, { protocol: 'TCP' }));
  const probed = PROBES.reduce((one, key) => changeField(one, key, defaultProbe), ported);
  const hooked = changeField(probed, 'lifecycle', (lifecycle) =>
    HOOKS.reduce((one, key) => changeField(one, key, defaultHandler), lifecycle),
  );
  return changeItems(hooked, 'env', (variable) =>
    changeField(variable, 'valueFrom', (source) =>
      changeField(
        changeField(source, 'fieldRef', defaultFieldRef),
        'resourceFieldRef',
        defaultResourceRef,
      ),
    ),
  );
}

/** On the host's network, ports are the host's. */
function hostPorts(container: JsonObject): JsonObject {
  return changeItems(container, 'ports', (port) =>
    isZero(port['hostPort']) ? { ...port, hostPort: port['containerPort'] } : port,
  );
}

function isZero(value: Json | undefined): boolean {
  return isUnset(value) || value === 0;
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HOOKS = ['postStart', 'preStop'] as const;

/** `Always` for images without tag and digest or with the tag `latest`, else `IfNotPresent`. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const [tagged = '', digest] = name.split('@');
  const [, tag = digest === undefined ? 'latest' : ''] = tagged.split(':');
  // What is no image name has no tag.
  const isName = tagged !== '' && !/[A-Z]/.test(image.split(/[:@]/)[0] ?? '');
  return tag === 'latest' && isName ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): JsonObject {
  const unset = Object.entries(PROBE_NUMBERS).filter(([key]) => isZero(probe[key]));
  const complete = unset.length === 0 ? probe : { ...probe, ...Object.fromEntries(unset) };
  return changeField(defaultHandler(complete), 'grpc', (grpc) =>
    withDefaults(grpc, { service: '' }),
  );
}

const PROBE_NUMBERS = {
  failureThreshold: 3,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 1,
} as const;

function defaultHandler(handler: JsonObject): JsonObject {
  return changeField(handler, 'httpGet', (get) => withDefaults(get, { path: '/', scheme: 'HTTP' }));
}

/** A container that names a limit and no request asks for as much as the limit. */
function requestsFromLimits(container: JsonObject): JsonObject {
  const limits = objectAt(container, 'resources', 'limits');
  if (Object.keys(limits).length === 0) return container;
  return changeField(container, 'resources', (resources) => {
    const requests = objectAt(resources, 'requests');
    const complete = withDefaults(requests, limits);
    return complete === requests ? resources : { ...resources, requests: complete };
  });
}

/** A pod that names limits for itself asks for as much of what no container of its asks for. */
function ownRequests(spec: JsonObject): JsonObject {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  const limits = Object.entries(objectAt(spec, 'resources', 'limits')).filter(([name]) =>
    containers.every((one) => isUnset(objectAt(one, 'resources', 'requests')[name])),
  );
  if (limits.length === 0) return spec;
  return changeField(spec, 'resources', (resources) => {
    const requests = objectAt(resources, 'requests');
    const complete = withDefaults(requests, Object.fromEntries(limits));
    return complete === requests ? resources : { ...resources, requests: complete };
  });
}

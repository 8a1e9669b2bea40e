/** What the API server fills into pods and pod templates (Kubernetes, pkg/apis/core/v1/defaults.go). */
import { changeField, changeItems, isObject, objectAt, stringAt, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

/** Defaults of a whole Pod: those of its spec and what only pods get, not templates. */
export function defaultPod(pod: JsonObject): JsonObject {
  return changeField(pod, 'spec', (spec) => {
    const complete = withDefaults(defaultPodSpec(spec), { enableServiceLinks: true });
    return changeContainers(complete, requestsFromLimits);
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
  const contained = changeContainers(complete, (container) =>
    defaultContainer(container, spec['hostNetwork'] === true),
  );
  const ephemeral = changeItems(contained, 'ephemeralContainers', (container) =>
    defaultContainer(container, false),
  );
  return changeItems(ephemeral, 'volumes', defaultVolume);
}

function changeContainers(
  spec: JsonObject,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  return changeItems(changeItems(spec, 'initContainers', change), 'containers', change);
}

function defaultContainer(container: JsonObject, isOnHostNetwork: boolean): JsonObject {
  const complete = withDefaults(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(stringAt(container, 'image')),
  });
  const ported = changeItems(complete, 'ports', (port) =>
    withDefaults(port, {
      protocol: 'TCP',
      ...(isOnHostNetwork && { hostPort: port['containerPort'] }),
    }),
  );
  const probed = PROBES.reduce((one, key) => changeField(one, key, defaultProbe), ported);
  const hooked = changeField(probed, 'lifecycle', (lifecycle) =>
    HOOKS.reduce((one, key) => changeField(one, key, defaultHandler), lifecycle),
  );
  return changeItems(hooked, 'env', (variable) =>
    changeField(variable, 'valueFrom', (source) =>
      changeField(source, 'fieldRef', defaultFieldRef),
    ),
  );
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HOOKS = ['postStart', 'preStop'] as const;

/** `Always` for images without a tag or with `latest`, else `IfNotPresent`. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): JsonObject {
  const complete = withDefaults(probe, {
    failureThreshold: 3,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
  });
  return changeField(defaultHandler(complete), 'grpc', (grpc) =>
    withDefaults(grpc, { service: '' }),
  );
}

function defaultHandler(handler: JsonObject): JsonObject {
  return changeField(handler, 'httpGet', (get) => {
    const complete = withDefaults(get, { path: '/', scheme: 'HTTP' });
    return complete['path'] === '' ? { ...complete, path: '/' } : complete;
  });
}

function defaultFieldRef(fieldRef: JsonObject): JsonObject {
  return withDefaults(fieldRef, { apiVersion: 'v1' });
}

/** 0644: files of volumes made from objects. */
const FILE_MODE = 420;

function defaultVolume(volume: JsonObject): JsonObject {
  const hasSource = Object.entries(volume).some(
    ([key, value]) => key !== 'name' && isObject(value),
  );
  if (!hasSource) return { ...volume, emptyDir: {} };
  const moded = MODED.reduce(
    (one, key) =>
      changeField(one, key, (source) => withDefaults(source, { defaultMode: FILE_MODE })),
    volume,
  );
  const hosted = changeField(moded, 'hostPath', (path) => withDefaults(path, { type: '' }));
  const described = changeField(hosted, 'downwardAPI', defaultDownwardItems);
  return changeField(described, 'projected', (projected) =>
    changeItems(projected, 'sources', (source) =>
      changeField(
        changeField(source, 'downwardAPI', defaultDownwardItems),
        'serviceAccountToken',
        (token) => withDefaults(token, { expirationSeconds: 3600 }),
      ),
    ),
  );
}

const MODED = ['configMap', 'secret', 'downwardAPI', 'projected'] as const;

function defaultDownwardItems(source: JsonObject): JsonObject {
  return changeItems(source, 'items', (item) => changeField(item, 'fieldRef', defaultFieldRef));
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

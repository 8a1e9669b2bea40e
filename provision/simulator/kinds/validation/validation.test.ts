import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asKubeObject } from '../json.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';

function kindOf(name: string) {
  const kind = builtinKinds().find((one) => one.kind === name);
  assert.ok(kind);
  return kind;
}

function complete(kindName: string, rest: JsonObject, metadata: JsonObject = {}): KubeObject {
  const { group, version, isNamespaced, applyDefaults } = kindOf(kindName);
  return applyDefaults(
    asKubeObject({
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind: kindName,
      metadata: { name: 'web', ...(isNamespaced && { namespace: 'default' }), ...metadata },
      ...rest,
    }),
  );
}

/** What the API server has against the object, as kubectl lists it. */
function problems(object: KubeObject, old?: KubeObject): readonly string[] {
  return kindOf(object.kind)
    .validate(object, old)
    .map(({ field, message }) => `${field}: ${message}`);
}

const containers = [{ name: 'web', image: 'nginx' }];
const template = { metadata: { labels: { app: 'web' } }, spec: { containers } };
const selector = { matchLabels: { app: 'web' } };

test('a Deployment without selector and image is refused in the words of kubectl apply', () => {
  const spec = {
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web' }] } },
  };
  assert.deepEqual(problems(complete('Deployment', { spec }, { name: 'My_Web' })), [
    "metadata.name: Invalid value: \"My_Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    'spec.template.spec.containers[0].image: Required value',
  ]);
});

test("a Deployment's selector cannot change", () => {
  const old = complete('Deployment', { spec: { selector, template } });
  const labels = { app: 'web', tier: 'front' };
  const changed = complete('Deployment', {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  assert.deepEqual(problems(changed, old), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"front"}}: field is immutable',
  ]);
});

test('a Deployment must keep some pods or add some while it rolls', () => {
  const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } };
  const spec = { selector, template, strategy, replicas: -1 };
  assert.deepEqual(problems(complete('Deployment', { spec })), [
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ]);
});

test('containers are checked for what learners mistype', () => {
  const bad = {
    name: 'Web',
    image: 'nginx',
    imagePullPolicy: 'Sometimes',
    ports: [{ containerPort: 99_999, name: 'far-too-long-for-a-port' }],
    resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    readinessProbe: {},
  };
  const spec = { containers: [bad, { name: 'twice', image: 'a' }, { name: 'twice', image: 'b' }] };
  assert.deepEqual(problems(complete('Pod', { spec })), [
    "spec.containers[0].name: Invalid value: \"Web\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    'spec.containers[0].ports[0].name: Invalid value: "far-too-long-for-a-port": must be no more than 15 characters',
    'spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
    'spec.containers[0].volumeMounts[0].name: Not found: "data"',
    'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    'spec.containers[0].resources.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m',
    'spec.containers[0].readinessProbe: Required value: must specify a handler type',
    'spec.containers[2].name: Duplicate value: "twice"',
  ]);
});

test('a running pod may get another image, but no other command', () => {
  const old = complete('Pod', { spec: { containers } });
  const image = complete('Pod', {
    spec: { containers: [{ name: 'web', image: 'nginx:2', imagePullPolicy: 'Always' }] },
  });
  const command = complete('Pod', {
    spec: { containers: [{ name: 'web', image: 'nginx', command: ['sh'] }] },
  });
  assert.deepEqual(
    [problems(image, old), problems(command, old)],
    [
      [],
      [
        'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n+ containers[0].command: ["sh"]',
      ],
    ],
  );
});

test('labels are checked wherever they stand', () => {
  assert.deepEqual(problems(complete('ConfigMap', {}, { labels: { 'a b': 'ok', ok: 'not ok' } })), [
    "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    "metadata.labels: Invalid value: \"not ok\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ]);
});

test('a Service needs ports, told apart by name and number, and keeps its address', () => {
  const port = { port: 80 };
  const old = complete('Service', { spec: { clusterIP: '10.96.0.5', ports: [port] } });
  assert.deepEqual(
    [
      problems(complete('Service', { spec: {} })),
      problems(complete('Service', { spec: { ports: [port, port] } })),
      problems(
        complete('Service', { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] } }),
      ),
      problems(complete('Service', { spec: { clusterIP: '10.96.0.6', ports: [port] } }), old),
    ],
    [
      ['spec.ports: Required value'],
      [
        'spec.ports[0].name: Required value',
        'spec.ports[1].name: Required value',
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
      [
        'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
      ],
      ['spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set'],
    ],
  );
});

test('jobs, schedules, ingresses, claims and roles are refused for what is missing', () => {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  assert.deepEqual(
    [
      problems(complete('Job', { spec: { template: { spec: { containers } } } })),
      problems(
        complete('CronJob', {
          spec: {
            schedule: 'often',
            jobTemplate: { spec: { template: { spec: { containers, restartPolicy: 'Never' } } } },
          },
        }),
      ),
      problems(
        complete('Ingress', { spec: { rules: [{ http: { paths: [{ path: 'a', backend }] } }] } }),
      ),
      problems(complete('PersistentVolumeClaim', { spec: {} })),
      problems(complete('Role', { rules: [{ verbs: ['get'] }] })),
      problems(complete('Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } })),
    ],
    [
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
      ['spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]'],
      ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
      [
        'spec.accessModes: Required value: at least 1 access mode is required',
        'spec.resources[storage]: Required value',
      ],
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
      ],
      ['data[tls.key]: Required value'],
    ],
  );
});

/** Messages about a pod with one container, to which something is added. */
function podProblems(container: JsonObject, rest: JsonObject = {}): readonly string[] {
  return problems(
    complete('Pod', {
      spec: { containers: [{ name: 'web', image: 'nginx', ...container }], ...rest },
    }),
  );
}

test('probes, variables, mounts and placement are refused in the words of the API server', () => {
  assert.deepEqual(
    [
      podProblems({ livenessProbe: { httpGet: { port: 'no_port' }, exec: { command: ['a'] } } }),
      podProblems({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.hostIP' } } }] }),
      podProblems({ env: [{ name: 'A', valueFrom: { secretKeyRef: { key: 'k' } } }] }),
      podProblems({ envFrom: [{}] }),
      podProblems(
        { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../up' }] },
        { volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] },
      ),
      podProblems({ resources: { limits: { cpus: '1' } } }),
      podProblems({ resources: { requests: { 'example.com/gpu': 1 } } }),
      podProblems({}, { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
      podProblems(
        {},
        { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } } },
      ),
      podProblems(
        {},
        { initContainers: [{ name: 'i', image: 'b', readinessProbe: { tcpSocket: { port: 1 } } }] },
      ),
    ],
    [
      [
        'spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type',
      ],
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.hostIP": error converting fieldPath: field label not supported: spec.hostIP',
      ],
      ['spec.containers[0].env[0].valueFrom.secretKeyRef.name: Required value'],
      [
        'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
      ],
      [
        'spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
        'spec.containers[0].volumeMounts[0].name: Not found: "v"',
        'spec.containers[0].volumeMounts.subPath: Invalid value: "../up": must not contain \'..\'',
      ],
      [
        'spec.containers[0].resources.limits[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.limits[cpus]: Invalid value: "cpus": must be a standard resource for containers',
        'spec.containers[0].resources.requests[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[cpus]: Invalid value: "cpus": must be a standard resource for containers',
      ],
      [
        'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
      ],
      [
        'spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
      ],
      [
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
      ],
      [
        'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
  );
});

test('schedules are read as cron reads them', () => {
  const jobTemplate = { spec: { template: { spec: { containers, restartPolicy: 'Never' } } } };
  const scheduled = (schedule: string) =>
    problems(complete('CronJob', { spec: { schedule, jobTemplate } })).map((text) =>
      text.replace(/^spec\.schedule: Invalid value: "[^"]*": /, ''),
    );
  assert.deepEqual(
    [
      '*/5 0-6/2 1,15 JAN mon-fri',
      '@every 1h30m',
      '@noon',
      '60 * * * *',
      '* * 0 * *',
      '* 5-2 * * *',
      'x * * * *',
      '*/0 * * * *',
    ].flatMap(scheduled),
    [
      'unrecognized descriptor: @noon',
      'end of range (60) above maximum (59): 60',
      'beginning of range (0) below minimum (1): 0',
      'beginning of range (5) beyond end of range (2): 5-2',
      'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
      'step of range should be a positive number: */0',
    ],
  );
});

test('quotas, limit ranges, policies, budgets, bindings and volumes are refused for what contradicts itself', () => {
  const ref = { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' };
  assert.deepEqual(
    [
      problems(complete('ResourceQuota', { spec: { hard: { pod: '1' } } })),
      problems(
        complete('LimitRange', {
          spec: { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } }] },
        }),
      ),
      problems(
        complete('NetworkPolicy', {
          spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0' }, podSelector: {} }] }] },
        }),
      ),
      problems(complete('PodDisruptionBudget', { spec: { minAvailable: 1, maxUnavailable: 1 } })),
      problems(
        complete('ClusterRoleBinding', {
          roleRef: ref,
          subjects: [{ kind: 'ServiceAccount', name: 'a' }],
        }),
      ),
      problems(
        complete('PersistentVolume', {
          spec: { capacity: { storage: '0' }, accessModes: ['Once'] },
        }),
      ),
    ],
    [
      ['spec.hard[pod]: Invalid value: "pod": must be a standard resource for quota'],
      [
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      ],
      [
        'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
      ],
      [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
      ['subjects[0].namespace: Required value'],
      [
        'spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
        'spec: Required value: must specify a volume type',
      ],
    ],
  );
});

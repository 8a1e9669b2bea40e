/** The rules of Istio's definitions (release 1.30, chart `base`), by kind. */
import { atMostOne, rule, type Placement } from './place-rules.ts';

const selected = (where: string): readonly Placement[] => [
  [
    where,
    [
      rule('wildcard not allowed in label key match', "!self.exists(key, key.contains('*'))"),
      rule('key must not be empty', "!('' in self)"),
    ],
  ],
  [`${where}{}`, [rule('wildcard not allowed in label value match', "!self.contains('*')")]],
];
const selectedBySelector = selected('spec.selector.matchLabels');

const plainSelector = [rule('wildcard is not supported in selector', "!self.contains('*')")];

const ONE_TARGET = 'only one of targetRefs or selector can be set';
const oneTarget = [atMostOne(ONE_TARGET, 'selector', 'targetRef', 'targetRefs')];

const sameNamespace = [
  rule('cross namespace referencing is not currently supported', "self == ''"),
];
const targets: Placement = [
  ['spec.targetRef.namespace', 'spec.targetRefs[].namespace'],
  sameNamespace,
];

const wasmUrl = [
  rule(
    'url must have schema one of [http, https, file, oci]',
    "isURL(self) ? url(self).getScheme() in ['', 'http', 'https', 'oci', 'file'] : isURL('http://' + self)",
  ),
];
const wasmVariable = [
  rule(
    'value may only be set when valueFrom is INLINE',
    "!has(self.value) || !has(self.valueFrom) || self.valueFrom != 'HOST'",
  ),
];

const someTime = [
  rule('must be a valid duration greater than 1ms', "duration('1ms') <= duration(self)"),
];
const connectionTimes: Placement = [
  [
    '**.http.idleTimeout',
    '**.tcp.connectTimeout',
    '**.tcp.maxConnectionDuration',
    '**.tcpKeepalive.interval',
    '**.tcpKeepalive.time',
  ],
  someTime,
];

const port = [rule('port must be between 1-65535', 'self >= 1 && self < 65536')];

const credentials: Placement = [
  ['spec.servers[].tls', 'spec.ingress[].tls'],
  [
    atMostOne(
      'only one of credentialNames or tlsCertificates can be set',
      'tlsCertificates',
      'credentialNames',
    ),
    atMostOne(
      'only one of credentialName or credentialNames can be set',
      'credentialName',
      'credentialNames',
    ),
    atMostOne(
      // Named otherwise than what it looks at, in Istio as well.
      'only one of credentialName or tlsCertificates can be set',
      'credentialNames',
      'tlsCertificates',
    ),
  ],
];

/** The rules of an address of a workload, which stands at `where`. */
function workload(where: string, needsAddress: boolean): readonly Placement[] {
  const own = [
    rule(
      'UDS may not include ports',
      "!has(self.ports) || !has(self.address) || !self.address.startsWith('unix://')",
    ),
  ];
  const required = [rule('Address is required', 'has(self.network) || has(self.address)')];
  return [
    [where, needsAddress ? [...required, ...own] : own],
    [
      `${where}.address`,
      [
        rule(
          'UDS must be an absolute path or abstract socket',
          "!self.startsWith('unix://') || self.startsWith('unix:///') || self.startsWith('unix://@')",
        ),
        rule('UDS may not be a dir', "!(self.startsWith('unix://') && self.endsWith('/'))"),
      ],
    ],
    [
      `${where}.ports`,
      [
        rule(
          'port name must be valid',
          "self.all(name, name.size() <= 62 && name.matches('^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$'))",
        ),
      ],
    ],
    [`${where}.ports{}`, port],
  ];
}

const serviceEntry = [
  atMostOne(
    'only one of WorkloadSelector or Endpoints can be set',
    'workloadSelector',
    'endpoints',
  ),
  rule(
    'CIDR addresses are allowed only for NONE/STATIC resolution types',
    "!has(self.addresses) || !has(self.resolution) || self.resolution in ['STATIC', 'NONE'] || !self.addresses.exists(address, address.contains('/'))",
  ),
  rule(
    'NONE mode cannot set endpoints',
    "!has(self.endpoints) || (has(self.resolution) && self.resolution != 'NONE')",
  ),
  rule(
    'DNS_ROUND_ROBIN mode cannot have multiple endpoints',
    "!has(self.endpoints) || !has(self.resolution) || self.resolution != 'DNS_ROUND_ROBIN' || self.endpoints.size() < 2",
  ),
];

/** Rules by kind; kinds without any are left out. */
export const istioRules: Readonly<Record<string, readonly Placement[]>> = {
  WasmPlugin: [
    ['spec', oneTarget],
    ...selectedBySelector,
    targets,
    ['spec.url', wasmUrl],
    ['spec.vmConfig.env[]', wasmVariable],
  ],
  TrafficExtension: [
    [
      'spec',
      [
        atMostOne(ONE_TARGET, 'selector', 'targetRefs'),
        rule('exactly one of wasm or lua must be set', 'has(self.lua) != has(self.wasm)'),
      ],
    ],
    ...selectedBySelector,
    targets,
    ['spec.wasm.url', wasmUrl],
    ['spec.wasm.vmConfig.env[]', wasmVariable],
  ],
  DestinationRule: [
    ...selected('spec.workloadSelector.matchLabels'),
    connectionTimes,
    [
      [
        '**.warmup.duration',
        '**.loadBalancer.warmupDurationSecs',
        '**.outlierDetection.baseEjectionTime',
        '**.outlierDetection.interval',
      ],
      someTime,
    ],
  ],
  EnvoyFilter: [
    [
      'spec',
      [
        atMostOne(
          'only one of targetRefs or workloadSelector can be set',
          'workloadSelector',
          'targetRefs',
        ),
      ],
    ],
    targets,
    [
      'spec.configPatches[].match',
      [
        rule(
          'only support waypointMatch when context is WAYPOINT',
          "has(self.waypoint) == (has(self.context) && self.context == 'WAYPOINT')",
        ),
      ],
    ],
    ['spec.configPatches[].match.waypoint.portNumber', port],
    ['spec.workloadSelector.labels{}', plainSelector],
  ],
  Gateway: [credentials],
  ProxyConfig: selectedBySelector,
  ServiceEntry: [
    ['spec', serviceEntry],
    ['spec.workloadSelector.labels{}', plainSelector],
    ['spec.hosts[]', [rule('hostname cannot be wildcard', "!(self == '*')")]],
    [['spec.ports[].number', 'spec.ports[].targetPort'], port],
    [
      'spec.ports',
      [
        rule(
          'port number cannot be duplicated',
          'self.all(one, self.exists_one(other, other.number == one.number))',
        ),
      ],
    ],
    ...workload('spec.endpoints[]', true),
  ],
  Sidecar: [['spec.workloadSelector.labels{}', plainSelector], connectionTimes, credentials],
  VirtualService: [
    [
      [
        '**.corsPolicy.maxAge',
        '**.delay.exponentialDelay',
        '**.delay.fixedDelay',
        '**.retries.backoff',
        '**.retries.perTryTimeout',
        'spec.http[].timeout',
      ],
      someTime,
    ],
  ],
  WorkloadEntry: workload('spec', true),
  WorkloadGroup: [
    ...workload('spec.template', false),
    [['spec.probe.grpc.port', 'spec.probe.httpGet.port', 'spec.probe.tcpSocket.port'], port],
    [
      'spec.probe.httpGet.scheme',
      [
        rule(
          'scheme must be one of [HTTP, HTTPS]',
          "['', 'HTTP', 'HTTPS'].exists(one, self == one)",
        ),
      ],
    ],
  ],
  AuthorizationPolicy: [
    ['spec', oneTarget],
    ...selectedBySelector,
    targets,
    [
      'spec.rules[].from[].source',
      [
        rule(
          'Cannot set serviceAccounts with namespaces or principals',
          '!(has(self.serviceAccounts) || has(self.notServiceAccounts)) || !(has(self.principals) || has(self.notPrincipals) || has(self.namespaces) || has(self.notNamespaces))',
        ),
      ],
    ],
  ],
  PeerAuthentication: [
    [
      'spec',
      [
        rule(
          'portLevelMtls requires selector',
          '!has(self.portLevelMtls) || (has(self.selector) && has(self.selector.matchLabels) && self.selector.matchLabels.size() != 0)',
        ),
      ],
    ],
    ...selectedBySelector,
    [
      'spec.portLevelMtls',
      [
        rule(
          'port must be between 1-65535',
          'self.all(number, int(number) >= 1 && int(number) < 65536)',
        ),
      ],
    ],
  ],
  RequestAuthentication: [
    ['spec', oneTarget],
    ...selectedBySelector,
    targets,
    [
      'spec.jwtRules[]',
      [atMostOne('only one of jwks or jwksUri can be set', 'jwks', 'jwksUri', 'jwks_uri')],
    ],
    [
      ['spec.jwtRules[].jwks_uri', 'spec.jwtRules[].jwksUri'],
      [
        rule(
          'url must have scheme http:// or https://',
          "['http', 'https'].exists(scheme, url(self).getScheme() == scheme)",
        ),
      ],
    ],
    ['spec.jwtRules[].timeout', someTime],
  ],
  Telemetry: [
    ['spec', oneTarget],
    ...selectedBySelector,
    targets,
    ['spec.metrics[].reportingInterval', someTime],
    [
      'spec.metrics[].overrides[].tagOverrides{}',
      [
        rule(
          'value must be set when operation is UPSERT',
          "!has(self.operation) || self.operation != 'UPSERT' || self.value != ''",
        ),
        rule(
          'value must not be set when operation is REMOVE',
          "!has(self.value) || !has(self.operation) || self.operation != 'REMOVE'",
        ),
      ],
    ],
  ],
};

import { TLS, TLS_PORT, gateway, route, type Case, type Row } from './case.ts';

/** Of gateways, policies and telemetry, by title. */
export const POLICY_CASES: Readonly<Record<string, Case>> = {
  'IST0106, what the webhook refuses': [
    [['PeerAuthentication', 'pa', { spec: { portLevelMtls: { 80: { mode: 'STRICT' } } } }]],
    [
      'Error [IST0106] (PeerAuthentication default/pa) Schema validation error: mesh/namespace peer authentication cannot have port level mTLS',
    ],
  ],
  'IST0127, a policy without a workload': [
    [['AuthorizationPolicy', 'deny', { spec: { selector: { matchLabels: { app: 'none' } } } }]],
    [
      'Warning [IST0127] (AuthorizationPolicy default/deny) No matching workloads for this resource with the following labels: app=none',
    ],
  ],
  'IST0138 and IST0161, certificates': [
    [
      ['Secret', 'cert', { data: { 'tls.crt': 'eA==' } }, { namespace: 'istio-system' }],
      ['Gateway', 'a', gateway({ ...TLS, hosts: ['a.example'] }, TLS_PORT)],
      ['Gateway', 'b', gateway({ ...TLS, hosts: ['b.example'] }, TLS_PORT)],
    ],
    [
      ...['a', 'b'].map(
        (name) =>
          `Error [IST0161] (Gateway default/${name}) The credential referenced by the Gateway ${name} in namespace istio-system is invalid, which can cause the traffic not to work as expected.`,
      ),
      'Warning [IST0138] (Gateway default/a) Duplicate certificate in multiple gateways [default/a default/b] may cause 404s if clients re-use HTTP2 connections.',
      'Warning [IST0138] (Gateway default/b) Duplicate certificate in multiple gateways [default/b default/a] may cause 404s if clients re-use HTTP2 connections.',
    ],
  ],
  'IST0145, gateways that conflict': [
    [
      ['Gateway', 'a', gateway()],
      ['Gateway', 'b', gateway()],
    ],
    [
      ['a', 'b'],
      ['b', 'a'],
    ].map(
      ([own, other]) =>
        `Error [IST0145] (Gateway default/${own}) Conflict with gateways default/${other} (workload selector istio=ingressgateway, port 80, hosts shop.example).`,
    ),
  ],
  'IST0151 to IST0154, patches of Envoy': [
    [
      [
        'EnvoyFilter',
        'ef',
        {
          spec: {
            configPatches: ['INSERT_BEFORE', 'ADD', 'REMOVE'].map((operation, index) => ({
              applyTo: index === 0 ? 'HTTP_FILTER' : 'HTTP_ROUTE',
              patch: { operation, value: { name: 'x' } },
            })),
          },
        },
      ],
      [
        'EnvoyFilter',
        'replace',
        {
          spec: {
            configPatches: [
              { applyTo: 'CLUSTER', patch: { operation: 'REPLACE', value: { name: 'x' } } },
            ],
          },
        },
      ],
    ],
    [
      'Error [IST0152] (EnvoyFilter default/replace) The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.',
      'Error [IST0153] (EnvoyFilter default/ef) The ADD operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
      'Error [IST0154] (EnvoyFilter default/ef) The REMOVE operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
      'Warning [IST0151] (EnvoyFilter default/ef) This EnvoyFilter does not have a priority and has a relative patch operation set which can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
    ],
  ],
  'IST0157, IST0159 and IST0160, Telemetry': [
    [
      ...['a', 'b'].map((name): Row => [
        'Telemetry',
        name,
        { spec: { accessLogging: [{ disabled: name === 'a' }] } },
      ]),
      ...['c', 'd'].map((name): Row => [
        'Telemetry',
        name,
        { spec: { selector: { matchLabels: { app: 'web' } } } },
      ]),
    ],
    [
      ...['c', 'd'].map(
        (name) =>
          `Error [IST0159] (Telemetry default/${name}) The Telemetries [c d] in namespace "default" select the same workload pod "web", which can lead to undefined behavior.`,
      ),
      ...['a', 'b'].map(
        (name) =>
          `Error [IST0160] (Telemetry default/${name}) The Telemetries [a b] in namespace "default" have no workload selector, which can lead to undefined behavior.`,
      ),
      'Warning [IST0157] (Telemetry default/b) The Telemetry b in namespace "default" with empty providers will be ignored.',
    ],
  ],
  'IST0162, a port that no Service passes on': [
    [['Gateway', 'gw', gateway({}, { number: 9999, name: 'http', protocol: 'HTTP' })]],
    [
      'Warning [IST0162] (Gateway default/gw) The gateway is listening on a target port (port 9999) that is not defined in the Service associated with its workload instances (Pod selector istio=ingressgateway). If you need to access the gateway port through the gateway Service, it will not be available.',
    ],
  ],
  'IST0165, a gateway that Istio made': [
    [
      [
        'VirtualService',
        'web',
        route({ host: 'web' }, { gateways: ['gw~istio-autogenerated-k8s-gateway~http'] }),
      ],
    ],
    [
      'Error [IST0106] (VirtualService default/web) Schema validation error: domain name "gw~istio-autogenerated-k8s-gateway~http" invalid (label "gw~istio-autogenerated-k8s-gateway~http" invalid)',
      'Warning [IST0165] (VirtualService default/web) Gateway reference in VirtualService default/web is to an implementation-generated internal Gateway: gw~istio-autogenerated-k8s-gateway~http.',
    ],
  ],
  'IST0166, a selector that a Kubernetes Gateway does not heed': [
    [
      [
        'Pod',
        'gw',
        { spec: { containers: [{ name: 'istio-proxy', image: 'p' }] } },
        { labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } },
      ],
      [
        'Telemetry',
        't',
        { spec: { selector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } } } },
      ],
    ],
    [
      'Warning [IST0166] (Telemetry default/t) Ineffective selector on Kubernetes Gateway gw. Use the TargetRef field instead.',
    ],
  ],
  'IST0171, conditions that tell of a failure': [
    [
      [
        'KubernetesGateway',
        'gw',
        {
          status: {
            conditions: [
              { type: 'Programmed', status: 'False', reason: 'Invalid', message: 'no address' },
            ],
          },
        },
      ],
    ],
    [
      'Warning [IST0171] (Gateway default/gw) A condition with a negative status is present: type=Programmed, reason=Invalid, message=no address.',
    ],
  ],
  'IST0176, definitions of Gateway API that are too old': [
    [
      [
        'CustomResourceDefinition',
        'tlsroutes.gateway.networking.k8s.io',
        {},
        { annotations: { 'gateway.networking.k8s.io/bundle-version': 'v1.4.1' } },
      ],
    ],
    [
      'Warning [IST0176] (CustomResourceDefinition tlsroutes.gateway.networking.k8s.io) Gateway API CRD "tlsroutes.gateway.networking.k8s.io" is at version "1.4.1" but Istio requires at least "1.5.0"; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.',
    ],
  ],
};

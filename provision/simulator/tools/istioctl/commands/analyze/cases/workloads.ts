import { type Case, type Row } from './case.ts';

/** Of what runs, and how it is injected, by title. */
export const WORKLOAD_CASES: Readonly<Record<string, Case>> = {
  'IST0107, IST0108, IST0125 and IST0135, annotations': [
    [
      [
        'Service',
        'misplaced',
        { spec: { ports: [{ name: 'http', port: 80 }] } },
        { annotations: { 'sidecar.istio.io/logLevel': 'debug', 'sidecar.istio.io/nope': 'x' } },
      ],
      [
        'Pod',
        'p',
        { spec: { containers: [{ name: 'istio-proxy', image: 'p' }] } },
        {
          annotations: {
            'sidecar.istio.io/inject': 'true',
            'sidecar.istio.io/interceptionMode': 'NOPE',
            'traffic.sidecar.istio.io/excludeInboundPorts': '80,x',
          },
        },
      ],
    ],
    [
      'Warning [IST0107] (Service default/misplaced) Misplaced annotation: sidecar.istio.io/logLevel can only be applied to Pod',
      'Warning [IST0108] (Service default/misplaced) Unknown annotation: sidecar.istio.io/nope',
      'Warning [IST0125] (Pod default/p) Invalid annotation sidecar.istio.io/interceptionMode: interceptionMode invalid, use REDIRECT,TPROXY,NONE: NOPE',
      "Warning [IST0125] (Pod default/p) Invalid annotation traffic.sidecar.istio.io/excludeInboundPorts: excludeInboundPorts invalid: failed parsing port 'x': failed parsing port 'x': strconv.ParseUint: parsing \"x\": invalid syntax",
      'Info [IST0135] (Pod default/p) Annotation "sidecar.istio.io/inject" has been deprecated in favor of the "sidecar.istio.io/inject" label and may not work in future Istio versions.',
    ],
  ],
  'IST0110, two Sidecars of one pod': [
    ['a', 'b'].map((name): Row => [
      'Sidecar',
      name,
      { spec: { workloadSelector: { labels: { app: 'web' } }, egress: [{ hosts: ['*/*'] }] } },
    ]),
    ['a', 'b'].map(
      (name) =>
        `Error [IST0110] (Sidecar default/${name}) The Sidecars [a b] in namespace "default" select the same workload pod "web", which can lead to undefined behavior.`,
    ),
  ],
  'IST0111, two Sidecars of one namespace': [
    ['a', 'b'].map((name): Row => ['Sidecar', name, { spec: { egress: [{ hosts: ['*/*'] }] } }]),
    ['a', 'b'].map(
      (name) =>
        `Error [IST0111] (Sidecar default/${name}) The Sidecars [a b] in namespace "default" have no workload selector, which can lead to undefined behavior.`,
    ),
  ],
  'IST0116 and IST0137, Services that disagree about a Deployment': [
    [
      [
        'Deployment',
        'web',
        { spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } } },
      ],
      [
        'Service',
        'dns',
        {
          spec: {
            selector: { app: 'web' },
            ports: [{ name: 'udp', port: 80, protocol: 'UDP', targetPort: 53 }],
          },
        },
      ],
      [
        'Service',
        'other',
        {
          spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 90, targetPort: 8080 }] },
        },
      ],
    ],
    [
      'Warning [IST0116] (Deployment default/web) This deployment web is associated with multiple services using port 80 but different protocols: [default/dns default/web]',
      'Warning [IST0137] (Deployment default/web) This deployment web is associated with multiple services [default/other default/web] using targetPort "8080" but different ports: [80 90].',
    ],
  ],
  'IST0118 and IST0150, ports without a protocol': [
    [
      [
        'Service',
        'odd',
        {
          spec: {
            ports: [
              { name: 'web', port: 81, targetPort: 8081 },
              { name: 'db', port: 3306, targetPort: 3306 },
            ],
          },
        },
      ],
      [
        'Service',
        'out',
        {
          spec: {
            type: 'ExternalName',
            externalName: 'x.example',
            ports: [{ name: 'tcp', port: 81 }],
          },
        },
      ],
    ],
    [
      'Warning [IST0150] (Service default/out) Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
      "Info [IST0118] (Service default/odd) Port name web (port: 81, targetPort: 8081) doesn't follow the naming convention of Istio port.",
    ],
  ],
  'IST0123, several labels of injection': [
    [
      [
        'Namespace',
        'default',
        {},
        { labels: { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' } },
      ],
    ],
    [
      'Warning [IST0123] (Namespace default) The namespace has more than one type of injection labels [istio-injection=enabled istio.io/rev=canary], which may lead to undefined behavior. Make sure only one injection label exists.',
    ],
  ],
  'IST0139, webhooks': [
    [
      ...['one', 'two'].map((name): Row => [
        'MutatingWebhookConfiguration',
        name,
        {
          webhooks: [
            {
              name: 'x.istio.io',
              namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
              clientConfig: { service: { namespace: 'istio-system', name: 'ingress' } },
            },
          ],
        },
      ]),
      [
        'MutatingWebhookConfiguration',
        'three',
        {
          webhooks: [
            {
              name: 'y.istio.io',
              namespaceSelector: { matchLabels: { never: 'x' } },
              clientConfig: { service: { namespace: 'istio-system', name: 'gone' } },
            },
          ],
        },
      ],
    ],
    [
      'Error [IST0139] (MutatingWebhookConfiguration one) Webhook overlaps with others: [two/x.istio.io]. This may cause injection to occur twice.',
      'Error [IST0139] (MutatingWebhookConfiguration three) Injector refers to a control plane service that does not exist: istio-system/gone.',
      'Error [IST0139] (MutatingWebhookConfiguration two) Webhook overlaps with others: [one/x.istio.io]. This may cause injection to occur twice.',
    ],
  ],
  'IST0144, the user of the proxy': [
    [
      [
        'Pod',
        'p',
        {
          spec: {
            containers: [
              { name: 'app', securityContext: { runAsUser: 1337 } },
              { name: 'istio-proxy', image: 'p' },
            ],
          },
        },
      ],
    ],
    ['Warning [IST0144] (Pod default/p) User ID (UID) 1337 is reserved for the sidecar proxy.'],
  ],
  'IST0146 and IST0147, images that nobody fills in': [
    [
      [
        'Deployment',
        'gw',
        { spec: { template: { spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } } } },
      ],
      ['Pod', 'gw', { spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } }],
    ],
    [
      'Error [IST0147] (Pod default/gw) Pod gw contains `image: auto` but does not match any Istio injection webhook selectors.',
      'Warning [IST0146] (Deployment default/gw) Deployment gw contains `image: auto` but does not match any Istio injection webhook selectors.',
    ],
  ],
  'IST0158, proxies of another version': [
    [
      [
        'ConfigMap',
        'istio-sidecar-injector',
        { data: { values: '{"global":{"hub":"h","tag":"2","proxy":{"image":"proxyv2"}}}' } },
        { namespace: 'istio-system' },
      ],
    ],
    [
      'Warning [IST0158] (Namespace default) The Istio proxy images of the pods running in the namespace do not match the image defined in the injection configuration (pod names: [web]). This often happens after upgrading the Istio control-plane and can be fixed by redeploying the pods.',
    ],
  ],
};

import { TLS, TLS_PORT, gateway, route, type Case } from './case.ts';

/** Of routes, hosts and subsets, by title. */
export const TRAFFIC_CASES: Readonly<Record<string, Case>> = {
  'IST0002, a field that Istio gives up': [
    [
      [
        'VirtualService',
        'web',
        {
          spec: {
            hosts: ['web'],
            http: [
              {
                fault: { delay: { percent: 50, fixedDelay: '1s' } },
                route: [{ destination: { host: 'web' } }],
              },
            ],
          },
        },
      ],
    ],
    [
      'Warning [IST0002] (VirtualService default/web) Deprecated: HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage',
    ],
  ],
  'IST0101, a host': [
    [['VirtualService', 'web', route({ host: 'none' })]],
    ['Error [IST0101] (VirtualService default/web) Referenced host not found: "none"'],
  ],
  'IST0101, a port': [
    [
      [
        'VirtualService',
        'web',
        route({ host: 'web.default.svc.cluster.local', port: { number: 81 } }),
      ],
    ],
    [
      'Error [IST0101] (VirtualService default/web) Referenced host:port not found: "web.default.svc.cluster.local:81"',
    ],
  ],
  'IST0101, a mirror and its subset': [
    [
      [
        'VirtualService',
        'web',
        {
          spec: {
            hosts: ['web'],
            http: [
              { route: [{ destination: { host: 'web' } }], mirror: { host: 'none', subset: 'v1' } },
            ],
          },
        },
      ],
    ],
    [
      'Error [IST0101] (VirtualService default/web) Referenced mirror host not found: "none"',
      'Error [IST0101] (VirtualService default/web) Referenced mirror+subset in destinationrule not found: "none+v1"',
    ],
  ],
  'IST0101, the selector of a Gateway': [
    [
      [
        'Gateway',
        'gw',
        {
          spec: {
            selector: { istio: 'none' },
            servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
          },
        },
      ],
    ],
    ['Error [IST0101] (Gateway default/gw) Referenced selector not found: "istio=none"'],
  ],
  'IST0101, a certificate': [
    [['Gateway', 'gw', gateway(TLS, TLS_PORT)]],
    ['Error [IST0101] (Gateway default/gw) Referenced credentialName not found: "cert"'],
  ],
  'IST0101, a namespace in a policy': [
    [
      [
        'AuthorizationPolicy',
        'allow',
        { spec: { rules: [{ from: [{ source: { namespaces: ['def*', 'none'] } }] }] } },
      ],
    ],
    ['Error [IST0101] (AuthorizationPolicy default/allow) Referenced namespace not found: "none"'],
  ],
  'IST0109, one host in two VirtualServices': [
    [
      ['VirtualService', 'a', route({ host: 'web' })],
      ['VirtualService', 'b', route({ host: 'web' })],
    ],
    ['a', 'b'].map(
      (name) =>
        `Error [IST0109] (VirtualService default/${name}) The VirtualServices default/a,default/b associated with mesh gateway define the same host */web.default.svc.cluster.local which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
    ),
  ],
  'IST0112, a port that has to be named': [
    [
      [
        'Service',
        'two',
        {
          spec: {
            ports: [
              { name: 'http-a', port: 80 },
              { name: 'http-b', port: 81 },
            ],
          },
        },
      ],
      ['VirtualService', 'web', route({ host: 'two' })],
    ],
    [
      'Error [IST0112] (VirtualService default/web) This VirtualService routes to a service "two" that exposes multiple ports [80 81]. Specifying a port in the destination is required to disambiguate.',
    ],
  ],
  'IST0128 and IST0129, servers that nobody verifies': [
    [
      [
        'DestinationRule',
        'web',
        {
          spec: {
            host: 'web',
            trafficPolicy: {
              tls: { mode: 'SIMPLE' },
              portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'SIMPLE' } }],
            },
          },
        },
      ],
    ],
    [
      'Warning [IST0128] (DestinationRule default/web) DestinationRule default/web in namespace default has TLS mode set to SIMPLE but no caCertificates are set to validate server identity for host: web',
      'Warning [IST0129] (DestinationRule default/web) DestinationRule default/web in namespace default has TLS mode set to SIMPLE but no caCertificates are set to validate server identity for host: web at port number:80',
    ],
  ],
  'IST0132, a host that the Gateway does not take': [
    [
      ['Gateway', 'gw', gateway({ hosts: ['*.example'] })],
      [
        'VirtualService',
        'web',
        route({ host: 'web' }, { gateways: ['default/gw'], hosts: ['shop.test'] }),
      ],
    ],
    [
      'Warning [IST0132] (VirtualService default/web) one or more host [shop.test] defined in VirtualService default/web not found in Gateway default/gw.',
    ],
  ],
  'IST0134, TCP without addresses': [
    [
      [
        'ServiceEntry',
        'db',
        {
          spec: {
            hosts: ['db.example'],
            ports: [{ number: 5432, name: 'tcp', protocol: 'TCP' }],
            resolution: 'DNS',
          },
        },
      ],
    ],
    [
      'Warning [IST0134] (ServiceEntry default/db) ServiceEntry addresses are required for this protocol.',
    ],
  ],
  'IST0140, subsets that a gateway does not heed': [
    [
      [
        'DestinationRule',
        'web',
        { spec: { host: 'web', subsets: [{ name: 'v1', labels: { version: 'v1' } }] } },
      ],
      ['Gateway', 'gw', gateway()],
      ['VirtualService', 'inside', route({ host: 'web', subset: 'v1' })],
      [
        'VirtualService',
        'outside',
        route({ host: 'web' }, { gateways: ['gw'], hosts: ['shop.example'] }),
      ],
    ],
    [
      'Warning [IST0140] (VirtualService default/outside) Subset in virtual service default/inside has no effect on ingress gateway default/outside requests',
    ],
  ],
  'IST0149, claims of tokens that nobody checks': [
    [
      ['Gateway', 'gw', gateway()],
      [
        'VirtualService',
        'web',
        {
          spec: {
            hosts: ['shop.example'],
            gateways: ['gw'],
            http: [
              {
                match: [{ headers: { '@request.auth.claims.group': { exact: 'a' } } }],
                route: [{ destination: { host: 'web' } }],
              },
            ],
          },
        },
      ],
    ],
    [
      'Error [IST0149] (VirtualService default/web) The virtual service uses the JWT claim based routing (key: @request.auth.claims.group) but found no request authentication for the gateway (default/gw) pod (ingress). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.',
    ],
  ],
  'IST0173 and IST0174, subsets and hosts of a DestinationRule': [
    [
      [
        'DestinationRule',
        'web',
        {
          spec: {
            host: 'web',
            subsets: [
              { name: 'v1', labels: { version: 'v1' } },
              { name: 'v2', labels: { version: 'v2' } },
            ],
          },
        },
      ],
      [
        'DestinationRule',
        'none',
        { spec: { host: 'none', trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } } },
      ],
    ],
    [
      'Error [IST0173] (DestinationRule default/web) The Subset v2 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
      'Warning [IST0174] (DestinationRule default/none) The host none defined in the DestinationRule does not match any services in the mesh.',
    ],
  ],
};

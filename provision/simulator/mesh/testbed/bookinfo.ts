import type { Container } from '../../kinds/types/core.ts';
import { BOOKINFO_VERSION } from '../../versions.ts';
import type { Testbed } from './testbed.ts';

const VERSIONS = {
  details: ['v1'],
  ratings: ['v1'],
  reviews: ['v1', 'v2', 'v3'],
  productpage: ['v1'],
} as const;

/** What stands beside each application; none by default. */
export interface BookinfoOptions {
  readonly sidecars?: readonly Container[];
}

/** Bookinfo's Services and pods, as Istio's sample names them, in namespace `default`. */
export function startBookinfo(testbed: Testbed, { sidecars = [] }: BookinfoOptions = {}): void {
  let lastByte = 100;
  for (const [app, versions] of Object.entries(VERSIONS)) {
    testbed.addService({
      name: app,
      clusterIp: `10.96.0.${++lastByte}`,
      selector: { app },
      ports: [{ name: 'http', port: 9080, targetPort: 9080 }],
    });
    for (const version of versions) {
      const image = `registry.istio.io/release/examples-bookinfo-${app}-${version}:${BOOKINFO_VERSION}`;
      testbed.startPod({
        name: `${app}-${version}-pod`,
        labels: {
          app,
          version,
          ...(sidecars.length > 0 && { 'security.istio.io/tlsMode': 'istio' }),
        },
        serviceAccount: `bookinfo-${app}`,
        containers: [...sidecars, { name: app, image }],
      });
    }
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LocalityLoadBalancing } from '../../../istio/destination-rule.ts';
import { seededRandom } from '../../../testbed/seeded-random.ts';
import type { Endpoint } from '../../../xds/endpoint.ts';
import { localEndpoints } from './localities.ts';

const DRAWS = 4_000;

/** `region/zone/subZone` and a number. */
function at(place: string, last: number, version = 'v1'): Endpoint {
  const [region = '', zone = '', subZone = ''] = place.split('/');
  return {
    ip: `10.0.0.${last}`,
    port: 80,
    labels: { version },
    workload: undefined,
    hasSidecar: false,
    locality: { region, zone, subZone },
  };
}

const NEAR = [at('eu/a/1', 1), at('eu/a/1', 2)];
const SAME_REGION = [at('eu/b/1', 3)];
const FAR = [at('us/a/1', 4), at('asia/a/1', 5, 'v2')];
const ALL = [...NEAR, ...SAME_REGION, ...FAR];

/** Share of each place among many requests of a proxy in eu/a/1. */
function sharesOf(healthy: readonly Endpoint[], settings: LocalityLoadBalancing): object {
  const random = seededRandom();
  const counts = new Map<string, number>();
  for (let draw = 0; draw < DRAWS; draw++) {
    const chosen = localEndpoints(ALL, healthy, {
      settings,
      failsOver: true,
      standpoint: {
        locality: { region: 'eu', zone: 'a', subZone: '1' },
        labels: { version: 'v2' },
      },
      random,
    });
    const name = chosen.map(({ ip }) => ip.split('.').at(-1)).join('+') || 'none';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(
    [...counts].map(([name, count]) => [name, Math.round((count * 10) / DRAWS) / 10]),
  );
}

test('Requests stay in their zone, leave it only for the part that it cannot take, and then go to the nearest', () => {
  const without = (...gone: readonly Endpoint[]) => ALL.filter((one) => !gone.includes(one));
  assert.deepEqual(
    [
      sharesOf(ALL, {}),
      // Half of the zone is 70 % of what it is asked for (1.4 times 50 %).
      sharesOf(without(...NEAR.slice(0, 1)), {}),
      sharesOf(without(...NEAR), {}),
      sharesOf(without(...NEAR, ...SAME_REGION), {}),
      sharesOf(without(...NEAR, ...SAME_REGION), { failover: [{ from: 'eu', to: 'asia' }] }),
    ],
    [{ '1+2': 1 }, { 2: 0.7, 3: 0.3 }, { 3: 1 }, { '4+5': 1 }, { 5: 1 }],
  );
});

test('Distribution by weight, order by labels and a switched-off setting do what they say', () => {
  const to = { 'eu/a/*': 80, 'us/*': 20 };
  assert.deepEqual(
    [
      sharesOf(ALL, { distribute: [{ from: 'eu/*', to }] }),
      sharesOf(ALL, { failoverPriority: ['version', 'topology.kubernetes.io/region'] }),
      sharesOf(ALL, { failoverPriority: ['version=v1', 'topology.kubernetes.io/region'] }),
      sharesOf(ALL, { enabled: false }),
      sharesOf([], {}),
    ],
    [{ '1+2': 0.8, 4: 0.2 }, { 5: 1 }, { '1+2+3': 1 }, { '1+2+3+4+5': 1 }, { none: 1 }],
  );
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { readConfig, type ServerFlags } from './config.ts';

const REAL = { provider: 'kubeconfig', kubeconfig: '/k/config' } as const;

function refusal(flags: ServerFlags): string {
  try {
    readConfig(flags, {});
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('readConfig() gives simulated clusters unless a real one is asked for, which is for one learner', () => {
  assert.deepEqual(readConfig({}, {}).provider, { name: 'simulated' });
  const flags = {
    ...REAL,
    context: 'lab',
    gateways: '172.18.255.0/24,10.0.0.7',
    'max-sessions': '5',
  };
  const { provider, maxSessions } = readConfig(flags, {});
  assert.deepEqual(
    { provider, maxSessions },
    {
      provider: {
        name: 'kubeconfig',
        file: path.resolve('/k/config'),
        context: 'lab',
        gateways: ['172.18.255.0/24', '10.0.0.7'],
      },
      maxSessions: 1,
    },
  );
});

test('readConfig() refuses a real cluster without its file, for strangers, and with what is no network', () => {
  assert.deepEqual(
    [
      refusal({ provider: 'kubeconfig' }),
      refusal({ ...REAL, host: '0.0.0.0' }),
      refusal({ ...REAL, gateways: '10.0.0.0/33' }),
      refusal({ provider: 'gke' }),
    ],
    [
      'Cannot use --provider kubeconfig: name the file with --kubeconfig FILE',
      'Cannot listen on 0.0.0.0 with a real cluster: whoever comes first would get all rights of its kubeconfig, so --provider kubeconfig is for one learner on 127.0.0.1',
      'Cannot use --gateways 10.0.0.0/33: it takes networks such as 172.18.255.0/24, separated by commas',
      'Cannot use --provider gke: it takes simulated, kubeconfig',
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hierarchies } from './cgroup-hierarchies.ts';

test('version 1 has a hierarchy for each resource, each with a place of its own', () => {
  const membership =
    '8:pids:/\n5:net_cls,memory:/docker/a\n2:cpuacct:/\n1:cpu,cpuacct:/user\n0::/\n';
  assert.deepEqual(
    hierarchies('/cg', membership).map(({ version, resources, folder }) => [
      version,
      ...resources,
      folder,
    ]),
    [
      ['v1', 'memory', '/cg/memory/docker/a'],
      ['v1', 'memory', '/cg/memory'],
      ['v1', 'pids', '/cg/pids/'],
      ['v1', 'pids', '/cg/pids'],
      ['v1', 'cpu', '/cg/cpu/user'],
      ['v1', 'cpu', '/cg/cpu'],
    ],
  );
});

test('version 2 has one for all, beside the server’s own group', () => {
  assert.deepEqual(
    hierarchies('/cg', '0::/system.slice/regatta.service\n'),
    ['/cg/system.slice', '/cg'].map((folder) => ({
      version: 'v2',
      resources: ['memory', 'pids', 'cpu'],
      folder,
      settings: { 'memory.max': '671088640', 'pids.max': '256', 'cpu.weight': '25' },
      wishes: { 'memory.swap.max': '0' },
      controllers: '+memory +pids +cpu',
    })),
  );
  assert.deepEqual(hierarchies('/cg', ''), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../../client/api-error.ts';
import type { ClusterClient } from '../../../client/client.ts';
import { namespaces, pods } from '../../../kinds/resources.ts';
import { startForTest } from '../../fake-surroundings.ts';

async function enforce(client: ClusterClient, level: string, version = 'latest'): Promise<void> {
  const labels = {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/enforce-version': version,
  };
  await client.patch(namespaces, { name: 'default' }, { metadata: { labels } });
}

/** What is said against a pod; empty when it is let in. */
async function objection(client: ClusterClient, spec: object, annotations = {}): Promise<string> {
  const containers = [{ name: 'a', image: 'nginx' }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', annotations },
    spec: { containers, ...spec },
  };
  try {
    await client.create(pods, pod);
    await client.delete(pods, { name: 'p', namespace: 'default' });
    return '';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message.replace(/^pods "p" is forbidden: violates PodSecurity /, '');
  }
}

function two(first: object, second: object = first) {
  return {
    containers: [
      { name: 'a', image: 'nginx', ...first },
      { name: 'b', image: 'nginx', ...second },
    ],
  };
}

function context(securityContext: object) {
  return { securityContext };
}

test('the level baseline says what each part of a pod must not do (Pod Security Standards)', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await enforce(client, 'baseline');
  const probe = { livenessProbe: { httpGet: { port: 80, host: 'example.com' } } };
  const seLinux = { seLinuxOptions: { type: 'spc_t', user: 'u' } };
  assert.deepEqual(
    [
      await objection(client, {}),
      await objection(client, { hostPID: true, hostIPC: true }),
      await objection(client, two({ ports: [{ containerPort: 80, hostPort: 81 }] }, {})),
      await objection(client, two(context({ privileged: true }))),
      await objection(
        client,
        two(context({ capabilities: { add: ['KILL', 'SYS_ADMIN', 'BPF'] } })),
      ),
      await objection(client, { ...two({}, context(seLinux)), ...context(seLinux) }),
      await objection(client, context({ seccompProfile: { type: 'Unconfined' } })),
      await objection(client, context({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })),
      await objection(client, context({ appArmorProfile: { type: 'Unconfined' } })),
      await objection(client, two(probe, {})),
      await objection(client, two(context({ procMount: 'Unmasked' }), {})),
    ],
    [
      '',
      '"baseline:latest": host namespaces (hostPID=true, hostIPC=true)',
      '"baseline:latest": hostPort (container "a" uses hostPort 81)',
      '"baseline:latest": privileged (containers "a", "b" must not set securityContext.privileged=true)',
      '"baseline:latest": non-default capabilities (containers "a", "b" must not include "BPF", "SYS_ADMIN" in securityContext.capabilities.add)',
      '"baseline:latest": seLinuxOptions (pod and container "b" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
      '"baseline:latest": seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
      '"baseline:latest": forbidden sysctls (kernel.msgmax)',
      '"baseline:latest": forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
      '"baseline:latest": probe or lifecycle host (container "a" uses probe or lifecycle host "example.com")',
      '"baseline:latest": procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
  );
});

test('the level restricted asks for more, and its older versions for less', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const capabilities = { drop: ['ALL'], add: ['NET_BIND_SERVICE'] };
  const safe = context({ allowPrivilegeEscalation: false, capabilities });
  const own = context({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  await enforce(client, 'restricted');
  const root = context({ ...own.securityContext, runAsUser: 0 });
  const volumes = [
    { name: 'host', hostPath: { path: '/' } },
    { name: 'share', nfs: { server: 's', path: '/' } },
    { name: 'own', emptyDir: {} },
  ];
  const latest = [
    await objection(client, { ...two(safe), ...own }),
    await objection(client, { ...two(safe), ...root, volumes }),
    await objection(client, { ...two(safe, context({ runAsNonRoot: false })), ...own }),
    await objection(client, { ...two(safe), os: { name: 'windows' } }),
  ];
  await enforce(client, 'restricted', 'v1.21');
  const older = await objection(client, two({}));
  await enforce(client, 'restricted', 'v1.7');
  const oldest = await objection(client, own, {
    'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined',
  });
  assert.deepEqual(
    [...latest, older, oldest],
    [
      '',
      '"restricted:latest": restricted volume types (volumes "host", "share" use restricted volume types "hostPath", "nfs"), runAsUser=0 (pod must not set runAsUser=0)',
      '"restricted:latest": allowPrivilegeEscalation != false (container "b" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "b" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (container "b" must not set securityContext.runAsNonRoot=false)',
      '"restricted:latest": runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true)',
      '"restricted:v1.21": allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      '"restricted:v1.7": seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/a="unconfined")',
    ],
  );
});

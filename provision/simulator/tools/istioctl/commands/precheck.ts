import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { checked, type KubeApi } from '../kube/api.ts';
import { connect } from '../kube/connect.ts';
import { coloured } from '../terminal/terminal.ts';

/** The oldest Kubernetes that Istio 1.30 runs on. */
const OLDEST_MINOR = 32;

export const precheckCommand: Command = {
  name: 'precheck',
  short: 'Check whether Istio can be installed or upgraded',
  flags: [
    { name: 'skip-controlplane', type: 'boolean', usage: 'Do not check the control plane' },
    { name: 'from-version', short: 'f', type: 'text', usage: 'Version an upgrade starts from' },
    { name: 'revision', short: 'r', type: 'text', usage: 'Revision of the control plane to check' },
  ],
  run: precheck,
};

async function precheck(invocation: Invocation): Promise<number> {
  const { terminal } = invocation.context;
  using api = await connect(invocation);
  const problems = [...(await versionProblems(api)), ...(await permissionProblems(api))];
  if (problems.length > 0) {
    for (const problem of problems) terminal.stdout(`${problem}\n`);
    throw new CommandError(
      'Issues found when checking the cluster. Istio may not be safe to install or upgrade.',
    );
  }
  terminal.stderr(
    `${coloured(terminal, 'green', '✔')} No issues found when checking the cluster. Istio is safe to install or upgrade!\n` +
      '  To get started, check out https://istio.io/latest/docs/setup/getting-started/.\n',
  );
  return EXIT.done;
}

async function versionProblems(api: KubeApi): Promise<readonly string[]> {
  const { json } = checked(await api.call({ method: 'GET', path: '/version' }));
  const minor = Number.parseInt(textAt(json, 'minor'), 10);
  if (minor >= OLDEST_MINOR) return [];
  return [
    `Error [IST0142] The Kubernetes Version "${textAt(json, 'gitVersion')}" is lower than the minimum version: v1.${OLDEST_MINOR}`,
  ];
}

/** Rights that an installation cannot do without. */
const NEEDED = [
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  { group: 'apps', resource: 'deployments', namespace: 'istio-system' },
  { group: '', resource: 'services', namespace: 'istio-system' },
  { group: '', resource: 'configmaps', namespace: 'istio-system' },
] as const;

async function permissionProblems(api: KubeApi): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const resourceAttributes of NEEDED) {
    const answer = await api.call({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { ...resourceAttributes, verb: 'create' } },
      }),
    });
    const { json } = checked(answer);
    if (textAt(json, 'status', 'allowed') === 'true') continue;
    problems.push(
      `Error Missing required permission to create ${resourceAttributes.resource} in the configured Kubernetes cluster.`,
    );
  }
  return problems;
}

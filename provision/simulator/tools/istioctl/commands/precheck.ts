import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { checked, type KubeApi } from '../kube/api.ts';
import { connect } from '../kube/connect.ts';
import { coloured } from '../terminal/terminal.ts';
import { ANALYSIS_PAGE } from './analyze/message.ts';

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
  const { context, flags } = invocation;
  const { terminal } = context;
  const from = flags.text('from-version');
  if (from !== '') refuseVersion(from);
  using api = await connect(invocation);
  const problems = flags.isOn('skip-controlplane') ? [] : await problemsOf(api, invocation);
  if (problems.length > 0) {
    for (const problem of problems) terminal.stdout(`Error ${problem}\n`);
    throw new CommandError(
      `Issues found when checking the cluster. Istio may not be safe to install or upgrade.\nSee ${ANALYSIS_PAGE} for more information about causes and resolutions.`,
    );
  }
  terminal.stderr(
    `${coloured(terminal, 'green', '✔')} No issues found when checking the cluster. Istio is safe to install or upgrade!\n` +
      '  To get started, check out https://istio.io/latest/docs/setup/getting-started/.\n',
  );
  return EXIT.done;
}

async function problemsOf(api: KubeApi, { flags }: Invocation): Promise<readonly string[]> {
  const version = await versionProblems(api);
  return [...(await permissionProblems(api, flags.text('istioNamespace'))), ...version];
}

function refuseVersion(version: string): void {
  const [major, ...rest] = version.split('.');
  if (rest.length === 0) {
    throw new CommandError(`invalid version ${version}, expected format like '1.0'`);
  }
  if (major !== '1') throw new CommandError(`expected major version 1, got ${version}`);
  const minor = rest.join('.');
  if (!/^\d+$/.test(minor)) throw new CommandError(`minor version is not a number: ${minor}`);
}

async function versionProblems(api: KubeApi): Promise<readonly string[]> {
  const { json } = checked(await api.call({ method: 'GET', path: '/version' }));
  const minor = Number.parseInt(textAt(json, 'minor'), 10);
  if (minor >= OLDEST_MINOR) return [];
  return [
    `[IST0142] (Cluster) The Kubernetes Version "${textAt(json, 'gitVersion')}" is lower than the minimum version: 1.${OLDEST_MINOR}`,
  ];
}

const RBAC = 'rbac.authorization.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';

/** What an installation creates, by group; the second list beside istiod. */
const CREATED = [
  { group: '', resource: 'namespaces' },
  { group: RBAC, resource: 'clusterroles' },
  { group: RBAC, resource: 'clusterrolebindings' },
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  { group: ADMISSION, resource: 'mutatingwebhookconfigurations' },
  { group: ADMISSION, resource: 'validatingwebhookconfigurations' },
] as const;
const CREATED_BESIDE_ISTIOD = [
  { group: RBAC, resource: 'roles' },
  { group: '', resource: 'serviceaccounts' },
  { group: '', resource: 'services' },
  { group: 'apps', resource: 'deployments' },
  { group: '', resource: 'configmaps' },
] as const;

async function permissionProblems(api: KubeApi, namespace: string): Promise<readonly string[]> {
  const created = [...CREATED, ...CREATED_BESIDE_ISTIOD.map((kind) => ({ ...kind, namespace }))];
  const problems = await Promise.all(
    created.map(async (attributes) => {
      const answer = await api.call({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: JSON.stringify({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { ...attributes, verb: 'create', version: 'v1' } },
        }),
      });
      const { json } = checked(answer);
      if (textAt(json, 'status', 'allowed') === 'true') return [];
      const reason = textAt(json, 'status', 'reason') || 'permission denied';
      return [
        `[IST0141] (Cluster) Missing required permission to create resource ${attributes.resource} (${reason})`,
      ];
    }),
  );
  return problems.flat().toSorted();
}

import { isObject } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { getObject, type KubeApi } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { controlPlanes, installedObjects } from '../../kube/installed.ts';
import { isNamed, objectPath, type Named } from '../../kube/resource-paths.ts';
import { isRolledOut } from '../../kube/wait.ts';
import { readYaml } from '../../kube/yaml.ts';
import { coloured } from '../../terminal/terminal.ts';

export const verifyInstallCommand: Command = {
  name: 'verify-install',
  short: 'Check that what was installed is there and ready',
  long: 'Checks that what was installed is there and ready. Istio 1.30 itself no longer has this command;\nit is kept here as releases before it had it.',
  isHidden: true,
  flags: [
    { name: 'filename', short: 'f', type: 'list', usage: 'File with the manifests to check for' },
    { name: 'revision', short: 'r', type: 'text', usage: 'Revision of the control plane to check' },
  ],
  run: verifyInstall,
};

async function verifyInstall(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  using api = await connect(invocation);
  const revision = flags.text('revision') || 'default';
  context.terminal.stderr(
    'Note: istioctl 1.30 no longer has verify-install; it works here as it did before.\n',
  );
  const wanted =
    flags.list('filename').length > 0
      ? await objectsInFiles(invocation)
      : await objectsOfRevision(api, invocation, revision);
  const report = await check(api, wanted);
  context.terminal.stdout(report.lines.map((text) => `${text}\n`).join(''));
  if (report.problems > 0) {
    throw new CommandError(
      `Istio installation failed: ${report.problems} objects are missing or not ready`,
    );
  }
  context.terminal.stdout(
    `${coloured(context.terminal, 'green', '✔')} Istio is installed and verified successfully\n`,
  );
  return EXIT.done;
}

async function objectsOfRevision(
  api: KubeApi,
  { context, flags }: Invocation,
  revision: string,
): Promise<readonly Named[]> {
  const planes = await controlPlanes(api, flags.text('istioNamespace'));
  if (!planes.some((plane) => plane.revision === revision)) {
    throw new CommandError(
      `could not find an Istio control plane of revision "${revision}" in namespace "${flags.text('istioNamespace')}"`,
    );
  }
  context.terminal.stdout(
    `${planes.length} Istio control planes detected, checking --revision "${revision}" only\n`,
  );
  return installedObjects(api, `operator.istio.io/component,istio.io/rev=${revision}`);
}

async function objectsInFiles({ context, flags }: Invocation): Promise<readonly Named[]> {
  return (await readYaml(context, flags.list('filename'))).filter(isNamed);
}

interface Report {
  readonly lines: readonly string[];
  readonly problems: number;
}

async function check(api: KubeApi, wanted: readonly Named[]): Promise<Report> {
  const lines: string[] = [];
  let problems = 0;
  for (const object of wanted) {
    const found = await getObject(api, objectPath(object));
    const problem = problemOf(object, found);
    if (problem !== undefined) problems += 1;
    if (problem !== undefined || object.kind !== 'CustomResourceDefinition') {
      lines.push(line(object, problem));
    }
  }
  const count = (kind: string) => wanted.filter((object) => object.kind === kind).length;
  lines.push(`Checked ${count('CustomResourceDefinition')} custom resource definitions`);
  lines.push(`Checked ${count('Deployment')} Istio Deployments`);
  return { lines, problems };
}

function problemOf(object: Named, found: JsonObject | undefined): string | undefined {
  if (!isObject(found)) return 'not found';
  if (object.kind === 'Deployment' && !isRolledOut(found)) return 'not ready';
  return undefined;
}

function line({ kind, metadata }: Named, problem: string | undefined): string {
  const name = [metadata.name, metadata.namespace].filter(Boolean).join('.');
  return problem === undefined
    ? `✔ ${kind}: ${name} checked successfully`
    : `✘ ${kind}: ${name}: ${problem}`;
}

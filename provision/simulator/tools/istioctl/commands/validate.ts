import { isObject, listAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { validate as verdictOf } from '../../../mesh/pilot/validation/index.ts';
import { textAt, textsAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { errorList } from '../cli/error-list.ts';
import { protocolOf } from '../kube/protocol.ts';
import { missingTelemetryLabels } from '../kube/telemetry-labels.ts';
import { hasKnownExtension, readObjects } from './analyze/sources.ts';

export const validateCommand: Command = {
  name: 'validate',
  aliases: ['v'],
  use: '-f FILENAME [options] [flags]',
  short: 'Check files of Istio objects',
  examples: `  istioctl validate -f samples/bookinfo/networking/bookinfo-gateway.yaml
  istioctl validate -f samples/bookinfo/networking
  kubectl get services -o yaml | istioctl validate -f -`,
  flags: [{ name: 'filename', short: 'f', type: 'list', usage: 'Inputs of files to validate' }],
  run: validateFiles,
};

const REQUIREMENTS = 'https://istio.io/v1.30/docs/ops/deployment/requirements/';
const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

interface Findings {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

async function validateFiles(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (args.length > 0) {
    throw new CommandError(`unknown command "${args[0]}" for "istioctl validate"`, EXIT.usage);
  }
  const named = flags.list('filename').flatMap((typed) => typed.split(','));
  if (named.length === 0) throw new CommandError(NO_FILES);
  const errors: string[] = [];
  const said: string[] = [];
  for (const file of await filesOf(invocation, named, errors)) {
    const found = await inFile(invocation, file);
    errors.push(...found.errors);
    if (found.warnings.length > 0) said.push(warningsText(file, found.warnings));
    else if (found.errors.length === 0)
      said.push(file === '-' ? 'validation succeed\n' : `${JSON.stringify(file)} is valid\n`);
  }
  const isShown = (text: string) =>
    errors.length === 0 || text.includes('warnings:') || text.startsWith('\n');
  context.terminal.stderr(said.filter(isShown).join(''));
  if (errors.length === 0) return EXIT.done;
  throw new CommandError(errorList(errors));
}

const NO_FILES = `error: you must specify resources by --filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`;

function warningsText(file: string, warnings: readonly string[]): string {
  const list = `\n\t${warnings.map((warning) => `* ${warning}`).join('\n\t')}\n`;
  return file === '-' ? list : `${JSON.stringify(file)} has warnings: ${list}\n`;
}

async function filesOf(
  { context }: Invocation,
  named: readonly string[],
  errors: string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of named) {
    try {
      const files = name === '-' ? [name] : await context.filesUnder(name);
      const isFolder = files.length !== 1 || files[0] !== name;
      found.push(...files.filter((file) => !isFolder || hasKnownExtension(file)));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      errors.push(`cannot stat file ${JSON.stringify(name)}: ${error.message}`);
    }
  }
  return [...new Set(found)];
}

async function inFile({ context, flags }: Invocation, file: string): Promise<Findings> {
  const { objects, problems } = await readObjects(file, await context.readText(file));
  const namespace = flags.text('namespace') || 'default';
  const errors = problems.map((problem) => `failed to decode file ${file}: ${problem}`);
  const warnings: string[] = [];
  for (const { object } of objects) {
    const found = inObject(object, {
      namespace,
      say: (text) => context.terminal.stderr(text),
      istioNamespace: flags.text('istioNamespace'),
    });
    const name = `${textAt(object, 'kind')}/${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}:`;
    errors.push(...found.errors.map((error) => `${name} ${error}`));
    warnings.push(...found.warnings.map((warning) => `${name} ${warning}`));
  }
  return { errors, warnings };
}

interface Surroundings {
  readonly namespace: string;
  readonly istioNamespace: string;
  readonly say: (text: string) => void;
}

function inObject(object: JsonObject, around: Surroundings): Findings {
  const kind = textAt(object, 'kind');
  if (textAt(object, 'metadata', 'namespace') === around.istioNamespace && !isIstios(object)) {
    return { errors: [], warnings: [] };
  }
  if (isIstios(object)) {
    const unknown = Object.keys(object).filter((field) => !FIELDS.includes(field));
    if (unknown.length > 0) {
      return {
        errors: unknown.map((field) => `unknown field ${JSON.stringify(field)}`),
        warnings: [],
      };
    }
    const metadata = {
      namespace: around.namespace,
      ...(isObject(object['metadata']) ? object['metadata'] : {}),
    };
    return verdictOf({ ...object, metadata });
  }
  if (kind === 'Deployment') sayOfDeployment(object, around);
  return { errors: kind === 'Service' ? inService(object) : [], warnings: [] };
}

function isIstios(object: JsonObject): boolean {
  return /^(networking|security|telemetry|extensions)\.istio\.io\//.test(
    textAt(object, 'apiVersion'),
  );
}

function inService(service: JsonObject): readonly string[] {
  const name = JSON.stringify(
    `${textAt(service, 'metadata', 'name')}/${textAt(service, 'metadata', 'namespace')}/:`,
  );
  return listAt(service, 'spec', 'ports')
    .filter(isObject)
    .flatMap((port) => {
      const named = textAt(port, 'name');
      if (protocolOf({ ...port, port: 0 }) !== 'UnsupportedProtocol') return [];
      if (port['appProtocol'] !== undefined) {
        return [
          `service ${name} doesn't follow Istio protocol selection. This is not recommended, See https://istio.io/v1.30/docs/ops/configuration/traffic-management/protocol-selection/`,
        ];
      }
      return [
        named === ''
          ? `service ${name} has an unnamed port. This is not recommended, See ${REQUIREMENTS}`
          : `service ${name} port ${JSON.stringify(named)} does not follow the Istio naming convention. See ${REQUIREMENTS}`,
      ];
    });
}

function sayOfDeployment(deployment: JsonObject, { say }: Surroundings): void {
  const labels = textsAt(deployment, 'spec', 'template', 'metadata', 'labels');
  if (missingTelemetryLabels(labels).length === 0) return;
  const name = `${textAt(deployment, 'metadata', 'name')}/${textAt(deployment, 'metadata', 'namespace')}/:`;
  const shown = Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  say(
    `deployment ${JSON.stringify(name)} may not provide Istio metrics and telemetry labels: map[${shown.join(' ')}]. See ${REQUIREMENTS}\n`,
  );
}

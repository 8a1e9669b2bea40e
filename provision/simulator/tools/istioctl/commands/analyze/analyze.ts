import { isObject } from '../../../../kinds/json.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { listObjects, type KubeApi } from '../../kube/api.ts';
import { connect, namespaceOf } from '../../kube/connect.ts';
import { parseYaml, toYaml } from '../../kube/yaml.ts';
import { coloured } from '../../terminal/terminal.ts';
import { ANALYZERS } from './analyzers.ts';
import {
  ANALYSIS_PAGE,
  documentationUrl,
  fullNameOf,
  LEVELS,
  messageLine,
  sorted,
  type Level,
  type Message,
} from './message.ts';
import { analyzed, COLLECTIONS, World } from './world.ts';

export const analyzeCommand: Command = {
  name: 'analyze',
  use: '<file>... [flags]',
  short: 'Look for mistakes in the configuration of the mesh, in the cluster and in files',
  examples: `  # The namespace of the current context
  istioctl analyze

  # Every namespace
  istioctl analyze -A

  # What a file would change, and the file alone
  istioctl analyze new.yaml
  istioctl analyze --use-kube=false new.yaml`,
  flags: [
    { name: 'all-namespaces', short: 'A', type: 'boolean', usage: 'Look at all namespaces' },
    {
      name: 'failure-threshold',
      type: 'text',
      default: 'Error',
      usage: 'Level from which the exit status is 79: Info, Warning or Error',
    },
    { name: 'list-analyzers', short: 'L', type: 'boolean', usage: 'List what is looked for' },
    { name: 'output', short: 'o', type: 'text', default: 'log', usage: 'log, json or yaml' },
    {
      name: 'output-threshold',
      type: 'text',
      default: 'Info',
      usage: 'Level from which messages are shown: Info, Warning or Error',
    },
    {
      name: 'suppress',
      short: 'S',
      type: 'list',
      usage: 'Leave out a code for objects: "IST0103=Pod *.default"',
    },
    {
      name: 'use-kube',
      short: 'k',
      type: 'boolean',
      default: 'true',
      usage: 'Look at the cluster too',
    },
  ],
  run: analyze,
};

async function analyze(invocation: Invocation): Promise<number> {
  const { context, flags } = invocation;
  const { terminal } = context;
  if (flags.isOn('list-analyzers')) {
    const lines = ANALYZERS.map(({ name, description }) => `* ${name}:\n    ${description}\n`);
    terminal.stdout(lines.join(''));
    return EXIT.done;
  }
  const shownFrom = levelOf(invocation, 'output-threshold');
  const failsFrom = levelOf(invocation, 'failure-threshold');
  const { world, namespace } = await worldOf(invocation);
  const found = sorted(ANALYZERS.flatMap(({ find }) => find(world)))
    .filter(({ about }) => namespace === undefined || about.namespace === namespace)
    .filter((message) => !isSuppressed(message, flags.list('suppress')));
  const shown = found.filter(({ level }) => LEVELS.indexOf(level) <= shownFrom);
  await show(invocation, shown, subjectOf(invocation, namespace));
  if (!found.some(({ level }) => LEVELS.indexOf(level) <= failsFrom)) return EXIT.done;
  throw new CommandError(
    `Analyzers found issues when analyzing ${subjectOf(invocation, namespace)}.\nSee ${ANALYSIS_PAGE} for more information about causes and resolutions.`,
    EXIT.issuesFound,
  );
}

function levelOf({ flags }: Invocation, flag: string): number {
  const asked = flags.text(flag).toLowerCase();
  const place = LEVELS.findIndex((level: Level) => level.toLowerCase() === asked);
  if (place < 0) {
    throw new CommandError(
      `invalid argument "${asked}" for "--${flag}" flag: use Info, Warning or Error`,
      EXIT.usage,
    );
  }
  return place;
}

/** The objects to look at, and the one namespace to report on (undefined: all). */
async function worldOf(
  invocation: Invocation,
): Promise<{ readonly world: World; readonly namespace: string | undefined }> {
  const { args, flags } = invocation;
  const world = new World();
  let own = flags.text('namespace') || 'default';
  if (flags.isOn('use-kube')) {
    using api = await connect(invocation);
    own = namespaceOf(invocation, api);
    await addCluster(world, api);
  } else if (args.length === 0) {
    throw new CommandError(
      'no files to analyze: name some, or leave out --use-kube=false',
      EXIT.usage,
    );
  }
  for (const file of args) await addFile(world, invocation, { file, namespace: own });
  return { world, namespace: flags.isOn('all-namespaces') ? undefined : own };
}

async function addCluster(world: World, api: KubeApi): Promise<void> {
  const lists = Object.entries(COLLECTIONS).map(async ([kind, path]) => {
    for (const object of await listObjects(api, path)) {
      const found = analyzed(object, kind, { namespace: '' });
      if (found) world.add(found);
    }
  });
  await Promise.all(lists);
}

async function addFile(
  world: World,
  { context }: Invocation,
  { file, namespace }: { readonly file: string; readonly namespace: string },
): Promise<void> {
  for (const document of await parseYaml(await context.readText(file), file)) {
    if (!isObject(document)) throw new CommandError(`${file} holds no object`, EXIT.badData);
    const found = analyzed(document, textAt(document, 'kind'), { namespace, file });
    if (found) world.add(found);
  }
}

async function show(
  { context, flags }: Invocation,
  messages: readonly Message[],
  subject: string,
): Promise<void> {
  const { terminal } = context;
  switch (flags.text('output')) {
    case 'json':
      terminal.stdout(`${JSON.stringify(messages.map(asData), undefined, '\t')}\n`);
      return;
    case 'yaml':
      terminal.stdout(await toYaml([messages.map(asData)]));
      return;
    case 'log':
      if (messages.length > 0) {
        terminal.stdout(messages.map((message) => `${messageLine(message)}\n`).join(''));
        return;
      }
      terminal.stdout('\n');
      terminal.stderr(
        `${coloured(terminal, 'green', '✔')} No validation issues found when analyzing ${subject}.\n`,
      );
      return;
    default:
      throw new CommandError(
        `${flags.text('output')} not a valid option for format. See istioctl analyze --help`,
        EXIT.usage,
      );
  }
}

function asData(message: Message) {
  return {
    code: message.code,
    documentationUrl: documentationUrl(message),
    level: message.level,
    message: message.text,
    origin: `${message.about.kind} ${fullNameOf(message.about)}`,
    ...(message.about.file !== undefined && { reference: message.about.file }),
  };
}

function subjectOf({ args, flags }: Invocation, namespace: string | undefined): string {
  if (!flags.isOn('use-kube')) return args.join('\n');
  return namespace === undefined ? 'all namespaces' : `namespace: ${namespace}`;
}

/** `CODE=Kind name.namespace`; `*` stands for anything. */
function isSuppressed({ code, about }: Message, rules: readonly string[]): boolean {
  const name = `${about.kind} ${about.kind === 'Namespace' ? about.name : `${about.name}.${about.namespace}`}`;
  return rules.some((rule) => {
    const [ruleCode = '', pattern = ''] = rule.split('=', 2);
    if (ruleCode !== code) return false;
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(name);
  });
}

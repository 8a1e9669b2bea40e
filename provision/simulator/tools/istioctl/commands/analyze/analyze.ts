import { CommandError, EXIT, type Command, type Invocation } from '../../cli/command.ts';
import { connect } from '../../kube/connect.ts';
import { toYaml } from '../../kube/yaml.ts';
import { ANALYZERS } from './analyzers.ts';
import { LEVELS, levelOf, type Level } from './levels.ts';
import {
  ANALYSIS_PAGE,
  documentationUrl,
  originOf,
  referenceOf,
  restOfLine,
  sorted,
  type Message,
} from './message.ts';
import { isNamespaceThere, subjectsOf, type Subjects } from './subjects.ts';
import { filterOf, warnOfUnknownCodes } from './suppression.ts';

export const analyzeCommand: Command = {
  name: 'analyze',
  use: '<file>... [flags]',
  short: 'Look for mistakes in the configuration of the mesh, in the cluster and in files',
  examples: `  # The namespace of the current context
  istioctl analyze

  # Every namespace
  istioctl analyze -A

  # What files would change, and the files alone
  istioctl analyze new.yaml folder/
  istioctl analyze --use-kube=false new.yaml

  # Without one message about one pod
  istioctl analyze -S "IST0103=Pod mypod.testing"

  # What is looked for
  istioctl analyze -L`,
  flags: [
    { name: 'all-namespaces', short: 'A', type: 'boolean', usage: 'Analyze all namespaces' },
    {
      name: 'analyzer',
      type: 'list',
      usage: 'Only these analyzers; can be repeated; left out: all',
    },
    {
      name: 'color',
      type: 'boolean',
      usage: 'Colours; on where there is a terminal to show them',
    },
    {
      name: 'failure-threshold',
      type: 'text',
      default: 'Error',
      usage: 'Level from which the exit status is not 0: Info, Warning or Error',
    },
    {
      name: 'ignore-unknown',
      type: 'boolean',
      usage: 'Pass over documents that cannot be read',
    },
    { name: 'list-analyzers', short: 'L', type: 'boolean', usage: 'List what is looked for' },
    {
      name: 'meshConfigFile',
      type: 'text',
      usage: 'File with the mesh configuration to assume, instead of the one in the cluster',
    },
    { name: 'output', short: 'o', type: 'text', default: 'log', usage: 'log, json or yaml' },
    {
      name: 'output-threshold',
      type: 'text',
      default: 'Info',
      usage: 'Level from which messages are shown: Info, Warning or Error',
    },
    {
      name: 'recursive',
      short: 'R',
      type: 'boolean',
      usage: 'Removed: folders are always read with all that is in them',
    },
    {
      name: 'remote-contexts',
      type: 'list',
      usage: 'Contexts of further clusters; several clusters are not simulated',
    },
    {
      name: 'revision',
      short: 'r',
      type: 'text',
      default: 'default',
      usage: 'Analyze what is for this revision of the control plane',
    },
    {
      name: 'suppress',
      short: 'S',
      type: 'list',
      usage: 'Leave out a code for objects: "IST0103=Pod *.default"; can be repeated',
    },
    { name: 'timeout', type: 'duration', default: '30s', usage: 'Longest time to wait' },
    {
      name: 'use-kube',
      short: 'k',
      type: 'boolean',
      default: 'true',
      usage: 'Look at the cluster too; --use-kube=false for files alone',
    },
    { name: 'verbose', short: 'v', type: 'boolean', usage: 'Tell which analyzers ran' },
  ],
  run: analyze,
};

const FORMATS = ['log', 'json', 'yaml'];

async function analyze(invocation: Invocation): Promise<number> {
  const { flags } = invocation;
  const { terminal } = invocation.context;
  const format = flags.text('output').toLowerCase();
  if (!FORMATS.includes(format)) {
    const why = `${format} not a valid option for format. See istioctl analyze --help`;
    throw new CommandError(why, EXIT.usage);
  }
  const shownFrom = thresholdOf(invocation, 'output-threshold');
  const failsFrom = thresholdOf(invocation, 'failure-threshold');
  if (flags.isOn('list-analyzers')) {
    terminal.stdout(analyzerList());
    return EXIT.done;
  }
  if (flags.isOn('recursive')) {
    terminal.stdout(
      'The recursive flag has been removed and is hardcoded to true without explicitly specifying it.\n',
    );
    return EXIT.done;
  }
  // Without a cluster nobody can know whether the namespace exists.
  using api = flags.isOn('use-kube') ? await connect(invocation) : undefined;
  if (api && !(await isNamespaceThere(invocation, api))) return EXIT.done;
  const isKept = filterOf(invocation);
  warnOfUnknownCodes(invocation);
  const subjects = await subjectsOf(invocation, api);
  const found = sorted(messagesOf(invocation, subjects).filter((one) => isKept(one, subjects)));
  const shown = found.filter(({ code }) => LEVELS.indexOf(levelOf(code)) <= shownFrom);
  terminal.stdout(`${await printed(invocation, shown)}\n`);
  if (shown.length === 0) tellOfNothing(invocation, subjects);
  if (format !== 'log') return EXIT.done;
  if (found.some(({ code }) => LEVELS.indexOf(levelOf(code)) <= failsFrom)) {
    throw new CommandError(
      `Analyzers found issues when analyzing ${scopeOf(subjects)}.\nSee ${ANALYSIS_PAGE} for more information about causes and resolutions.`,
      EXIT.issuesFound,
    );
  }
  if (subjects.problems.length > 0 && !flags.isOn('ignore-unknown')) {
    throw new CommandError("Some files couldn't be parsed.", EXIT.badData);
  }
  return EXIT.done;
}

function thresholdOf({ flags }: Invocation, flag: string): number {
  const asked = flags.text(flag);
  const place = LEVELS.findIndex((level) => level.toLowerCase() === asked.toLowerCase());
  if (place >= 0) return place;
  throw new CommandError(
    `invalid argument ${JSON.stringify(asked)} for "--${flag}" flag: invalid level option`,
    EXIT.usage,
  );
}

function byName(): typeof ANALYZERS {
  return ANALYZERS.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function analyzerList(): string {
  return byName()
    .map(({ name, description }) => `* ${name}:\n    ${description}\n`)
    .join('');
}

function messagesOf({ context, flags }: Invocation, subjects: Subjects): readonly Message[] {
  const asked = flags.list('analyzer');
  const named = byName().filter(({ name }) => asked.includes(name));
  const chosen = named.length > 0 ? named : byName();
  if (flags.isOn('verbose')) {
    const names = chosen.map(({ name }) => `\t ${name}\n`).join('');
    context.terminal.stderr(
      `Analyzed resources in ${scopeOf(subjects)}\nExecuted analyzers:\n${names}\n`,
    );
  }
  return chosen.flatMap(({ find }) => find(subjects.world));
}

const COLOURS: Readonly<Record<Level, string>> = {
  Error: '\u001B[1;31m',
  Warning: '\u001B[33m',
  Info: '',
};

async function printed(
  { context, flags }: Invocation,
  messages: readonly Message[],
): Promise<string> {
  switch (flags.text('output').toLowerCase()) {
    case 'json':
      return JSON.stringify(messages.map(asData), undefined, '\t');
    case 'yaml':
      return toYaml([messages.map(asData)]);
    default: {
      const isColoured = flags.has('color') ? flags.isOn('color') : context.terminal.isInteractive;
      return messages.map((message) => lineOf(message, isColoured)).join('\n');
    }
  }
}

function lineOf(message: Message, isColoured: boolean): string {
  const level = levelOf(message.code);
  const shown = isColoured ? `${COLOURS[level]}${level}\u001B[0m` : level;
  return `${shown}${restOfLine(message)}`;
}

function asData(message: Message) {
  const reference = referenceOf(message);
  return {
    code: message.code,
    documentationUrl: documentationUrl(message),
    level: levelOf(message.code),
    message: message.text,
    origin: originOf(message),
    ...(reference !== undefined && { reference }),
  };
}

function tellOfNothing({ context }: Invocation, subjects: Subjects): void {
  const { files, problems } = subjects;
  const nothing = 'No validation issues found when analyzing';
  if (problems.length > 0) {
    context.terminal.stderr(`${nothing} ${scopeOf(subjects)} (but 1 file could not be parsed).\n`);
    return;
  }
  const subject =
    files.length > 1 ? `:\n  - ${files.join('\n  - ')}` : ` ${files[0] ?? scopeOf(subjects)}.`;
  context.terminal.stderr(`✔ ${nothing}${subject}\n`);
}

function scopeOf({ namespace }: Subjects): string {
  return namespace === undefined ? 'all namespaces' : `namespace: ${namespace}`;
}

import { isList, isObject, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { textAt } from '../../install/tree.ts';
import { CommandError, EXIT, type Command, type Invocation } from '../cli/command.ts';
import { checked, type KubeApi } from '../kube/api.ts';
import { connect } from '../kube/connect.ts';
import { table } from '../terminal/table.ts';
import { istiodPods } from './istiod.ts';

const CONTROLZ_PORT = 9876;
const LEVELS = ['none', 'error', 'warn', 'info', 'debug'];

export const adminCommand: Command = {
  name: 'admin',
  aliases: ['istiod'],
  short: 'Look into the control plane and change how it works',
  commands: [
    {
      name: 'log',
      aliases: ['l'],
      use: '[<pod-name>] [--level <scope>:<level>][--reset]|[-o|--output short|json]',
      short: 'Log levels of istiod',
      examples: `  # All levels
  istioctl admin log

  # Two scopes in more detail
  istioctl admin log --level ads:debug,authorization:debug

  # As they were
  istioctl admin log --reset`,
      flags: [
        {
          name: 'level',
          type: 'text',
          usage: 'Levels to set: <scope>:<level>, with commas between',
        },
        { name: 'reset', type: 'boolean', usage: 'Set all levels back to info' },
        { name: 'output', short: 'o', type: 'text', default: 'short', usage: 'short or json' },
        { name: 'revision', short: 'r', type: 'text', usage: 'Control plane revision' },
      ],
      run: log,
    },
  ],
};

async function log(invocation: Invocation): Promise<number> {
  const { flags, context } = invocation;
  if (flags.has('level') && flags.isOn('reset')) {
    throw new CommandError('--level cannot be combined with --reset', EXIT.usage);
  }
  using api = await connect(invocation);
  const root = await controlZ(api, invocation);
  if (flags.has('level')) {
    for (const [scope, level] of levelsAsked(flags.text('level'))) {
      await setLevel(api, `${root}${scope}`, level);
    }
    return EXIT.done;
  }
  const scopes = await scopesOf(api, root);
  if (flags.isOn('reset')) {
    for (const scope of scopes) await setLevel(api, `${root}${stringAt(scope, 'name')}`, 'info');
    return EXIT.done;
  }
  const rows = scopes.map((scope) => [
    stringAt(scope, 'name'),
    stringAt(scope, 'description'),
    stringAt(scope, 'output_level'),
  ]);
  context.terminal.stdout(
    flags.text('output') === 'json'
      ? `${JSON.stringify(scopes, undefined, 2)}\n`
      : table([['ACTIVE SCOPE', 'DESCRIPTION', 'LOG LEVEL'], ...rows], 1),
  );
  return EXIT.done;
}

/** Path of the scopes of the istiod that is named, else of the first that runs. */
async function controlZ(api: KubeApi, invocation: Invocation): Promise<string> {
  const { args, flags } = invocation;
  const names = (await istiodPods(api, invocation)).map((pod) => textAt(pod, 'metadata', 'name'));
  const [asked = names[0]] = args;
  if (asked === undefined) throw new CommandError('no pods found');
  if (!names.includes(asked)) throw new CommandError(`pods "${asked}" not found`);
  const namespace = flags.text('istioNamespace');
  return `/api/v1/namespaces/${namespace}/pods/${asked}:${CONTROLZ_PORT}/proxy/scopej/`;
}

async function scopesOf(api: KubeApi, path: string): Promise<readonly JsonObject[]> {
  const value: unknown = JSON.parse(checked(await api.call({ method: 'GET', path })).text);
  return isList(value) ? value.filter(isObject) : [];
}

function levelsAsked(text: string): readonly (readonly [string, string])[] {
  return text.split(',').map((one) => {
    const [scope = '', level = '', ...more] = one.split(':');
    if (scope === '' || level === '' || more.length > 0) {
      throw new CommandError(`pattern ${one} did not match`);
    }
    if (!LEVELS.includes(level)) {
      throw new CommandError(`level ${level} is not one of ${LEVELS.join(', ')}`);
    }
    return [scope, level];
  });
}

async function setLevel(api: KubeApi, path: string, level: string): Promise<void> {
  const body = JSON.stringify({ output_level: level });
  const answer = await api.call({ method: 'PUT', path, body, contentType: 'application/json' });
  if (answer.status >= 300) {
    const scope = path.slice(path.lastIndexOf('/') + 1);
    throw new CommandError(
      `cannot set the level of scope ${JSON.stringify(scope)}: ${answer.text}`,
    );
  }
}

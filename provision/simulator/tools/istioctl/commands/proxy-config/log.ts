import { stringAt } from '../../../../kinds/json.ts';
import { CommandError, EXIT, WrongArguments, type Invocation } from '../../cli/command.ts';
import { getObject } from '../../kube/api.ts';
import { connect } from '../../kube/connect.ts';
import { injectorValues } from '../../kube/injector-values.ts';
import { chosenPods, type FoundPod } from '../../kube/pod-argument.ts';
import { askAdmin } from './admin.ts';

const LEVELS: Readonly<Record<string, string>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warning: 'warning',
  warn: 'warning',
  error: 'error',
  critical: 'critical',
  off: 'off',
};
/** What Envoy calls all loggers together. */
const ALL = 'level';

/** Shows or changes the levels of loggers, of one proxy or of several. */
export async function log(invocation: Invocation): Promise<number> {
  const { args, context, flags } = invocation;
  if (flags.text('selector') === '' && args.length === 0) {
    throw new WrongArguments('log requires pod name or --selector');
  }
  if (flags.isOn('reset') && flags.text('level') !== '') {
    throw new WrongArguments('--level cannot be combined with --reset');
  }
  if (flags.text('output') !== 'short') {
    throw new CommandError('--output is not applicable for this command');
  }
  const pods = await chosenPods(invocation);
  for (const pod of pods) {
    const loggers = await ask(invocation, pod, '');
    const queries = await queriesOf(invocation, loggers);
    let answer = loggers;
    for (const query of queries) answer = await ask(invocation, pod, `?${query}`);
    context.terminal.stdout(`${pod.name}.${pod.namespace}:\n${answer}`);
  }
  return EXIT.done;
}

function ask(invocation: Invocation, pod: FoundPod, query: string): Promise<string> {
  return askAdmin(invocation, pod, { method: 'POST', path: `logging${query}` });
}

/** What to ask Envoy for, all loggers before single ones. */
async function queriesOf(invocation: Invocation, loggers: string): Promise<readonly string[]> {
  const { flags } = invocation;
  if (flags.isOn('reset')) return [`${ALL}=${await injectedLevel(invocation)}`];
  const asked = flags.text('level');
  if (asked === '') return [];
  const wanted = new Map<string, string>();
  for (const part of asked.split(',')) {
    const [logger, level] = loggerAndLevel(part, loggers);
    if (logger === ALL) wanted.clear();
    wanted.set(logger, level);
  }
  return [...wanted].map(([logger, level]) => `${logger}=${level}`);
}

function loggerAndLevel(part: string, loggers: string): readonly [string, string] {
  const last = part.split('::').at(-1) ?? '';
  const separator = last.search(/[:=]/);
  const logger = separator < 0 ? ALL : last.slice(0, separator);
  const name = last.slice(separator + 1);
  if (!loggers.includes(logger) && logger !== ALL) {
    throw new CommandError(`unrecognized logger name: ${logger}`);
  }
  const level = LEVELS[name];
  if (level === undefined) throw new CommandError(`unrecognized logging level: ${name}`);
  return [logger, level];
}

/** The level that the injector starts proxies with; `warning` when it does not say. */
async function injectedLevel(invocation: Invocation): Promise<string> {
  using api = await connect(invocation);
  const namespace = invocation.flags.text('istioNamespace');
  const path = `/api/v1/namespaces/${namespace}/configmaps/istio-sidecar-injector`;
  const values = injectorValues(await getObject(api, path));
  return LEVELS[stringAt(values, 'global', 'proxy', 'logLevel')] ?? 'warning';
}

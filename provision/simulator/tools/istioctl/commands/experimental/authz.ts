import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import {
  CommandError,
  EXIT,
  WrongArguments,
  type Command,
  type Invocation,
} from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';
import {
  ADMIN_PORT_FLAG,
  configDump,
  findPart,
  namedProxy,
  parsed,
} from '../proxy-config/admin.ts';

export const authzCommand: Command = {
  name: 'authz',
  short: 'Inspect Istio AuthorizationPolicy',
  commands: [
    {
      name: 'check',
      use: '[<type>/]<name>[.<namespace>] [flags]',
      short: 'The authorization policies that a pod heeds, as its proxy has them',
      examples: `  istioctl x authz check deployment/productpage-v1
  istioctl x authz check -f httpbin_config_dump.json`,
      flags: [
        {
          name: 'file',
          short: 'f',
          type: 'text',
          usage: 'The json file with Envoy config dump to be checked',
        },
        ADMIN_PORT_FLAG,
      ],
      run: check,
    },
  ],
};

async function check(invocation: Invocation): Promise<number> {
  const { args, context } = invocation;
  if (args.length > 1) {
    throw new WrongArguments('check requires only <pod-name>[.<pod-namespace>]');
  }
  const listeners = findPart(await dumpOf(invocation), 'Listeners');
  if (!listeners) {
    throw new CommandError(
      'failed to get dynamic listener dump: config dump has no configuration type envoy.admin.v3.ListenersConfigDump',
    );
  }
  context.terminal.stdout(policyTable(listeners));
  return EXIT.done;
}

async function dumpOf(invocation: Invocation): Promise<JsonObject> {
  const { args, context, flags } = invocation;
  const file = flags.text('file');
  const [name] = args;
  if (file !== '') return parsed(await context.readText(file));
  if (name === undefined) {
    throw new CommandError('expecting pod name or config dump, found: 0');
  }
  const proxy = await namedProxy(invocation, name);
  try {
    return await configDump(invocation, proxy);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new CommandError(
      `failed to get config dump from pod ${proxy.name} in ${proxy.namespace}`,
      undefined,
      { cause },
    );
  }
}

/** In the order of evaluation as istioctl shows it. */
const ACTIONS = ['DENY', 'ALLOW', 'LOG', 'CUSTOM'];
/** A policy that allows nothing has no rule, and so no name in Envoy's configuration. */
const ANONYMOUS = '_anonymous_match_nothing_';
const EXTERNAL = 'istio-ext-authz-';
const RBAC = ['envoy.filters.http.rbac', 'envoy.filters.network.rbac'];

function policyTable(listeners: JsonObject): string {
  const rules = new Map<string, Set<string>>();
  const byAction = new Map<string, Set<string>>();
  const add = (action: string, policy: string, rule: string) => {
    byAction.set(action, new Set([...(byAction.get(action) ?? []), policy]));
    rules.set(policy, new Set([...(rules.get(policy) ?? []), rule]));
  };
  for (const filter of rbacFilters(listeners)) {
    const action = textAt(filter, 'rules', 'action') || 'ALLOW';
    const names = Object.keys(objectAt(filter, 'rules', 'policies'));
    for (const { policy, rule } of names.map(policyOf)) add(action, policy, rule);
    const shadow = Object.keys(objectAt(filter, 'shadow_rules', 'policies'));
    for (const name of shadow.filter((one) => one.startsWith(EXTERNAL))) {
      const { policy, rule } = policyOf(name);
      add('CUSTOM', policy, rule);
    }
    if (names.length === 0) add(action, ANONYMOUS, '0');
  }
  const rows = ACTIONS.flatMap((action) =>
    [...(byAction.get(action) ?? [])]
      .toSorted()
      .map((policy) => [action, policy, String(rules.get(policy)?.size ?? 0)]),
  );
  return table([['ACTION', 'AuthorizationPolicy', 'RULES'], ...rows], 3);
}

function rbacFilters(listeners: JsonObject): readonly JsonObject[] {
  return listAt(listeners, 'dynamic_listeners')
    .flatMap((entry) => listAt(entry, 'active_state', 'listener', 'filter_chains'))
    .flatMap((chain) => listAt(chain, 'filters'))
    .flatMap((filter) => [filter, ...listAt(filter, 'typed_config', 'http_filters')])
    .filter((filter) => RBAC.includes(textAt(filter, 'name')))
    .map((filter) => objectAt(filter, 'typed_config'));
}

function policyOf(name: string): { readonly policy: string; readonly rule: string } {
  const [, namespace, policy, rule = ''] =
    /ns\[([^\]]+)\]-policy\[([^\]]+)\]-rule\[([^\]]+)\]/.exec(name) ?? [];
  return policy === undefined
    ? { policy: '', rule: '' }
    : { policy: `${policy}.${namespace}`, rule };
}

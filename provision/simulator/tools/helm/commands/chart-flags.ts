import { isObject } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { CommandError, type Flag } from '../../istioctl/cli/command.ts';
import { readYaml } from '../../istioctl/kube/yaml.ts';
import type { Chart } from '../charts/chart.ts';
import { findChart } from '../charts/index.ts';
import type { HelmCall } from '../cli.ts';
import { readRepositories } from '../repositories.ts';
import { layOver, setValues } from '../set-values.ts';

/** Which chart, from where. */
export const CHART_FLAGS: readonly Flag[] = [
  { name: 'version', type: 'text', usage: 'version constraint for the chart' },
  { name: 'repo', type: 'text', usage: 'chart repository url where to locate the chart' },
  { name: 'devel', type: 'boolean', usage: 'use development versions, too' },
];

/** What the chart is to make of it. */
export const VALUE_FLAGS: readonly Flag[] = [
  {
    name: 'values',
    short: 'f',
    type: 'list',
    usage: 'values in a YAML file (can specify multiple)',
  },
  { name: 'set', type: 'list', usage: 'values on the command line (key1=val1,key2=val2)' },
  { name: 'set-string', type: 'list', usage: 'values that stay text (key1=val1,key2=val2)' },
];

/** The chart that a command names. */
export async function chartAsked(call: HelmCall, reference: string): Promise<Chart> {
  return findChart(reference, {
    repositories: await readRepositories(call.repositories),
    repo: call.flags.text('repo'),
    version: call.flags.text('version'),
  });
}

/** The values of the flags: files first, then `--set`, then `--set-string`. */
export async function valuesAsked({ context, flags }: HelmCall): Promise<JsonObject> {
  let values: JsonObject = {};
  for (const file of flags.list('values').flatMap((names) => names.split(','))) {
    const [content = {}] = await readYaml(context, [file]);
    if (!isObject(content)) {
      throw new CommandError(`failed to parse ${file}: the values must be a map`);
    }
    values = layOver(values, content);
  }
  for (const text of flags.list('set')) values = setValues(values, text, false);
  for (const text of flags.list('set-string')) values = setValues(values, text, true);
  return values;
}

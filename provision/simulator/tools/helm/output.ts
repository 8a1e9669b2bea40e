import { stringAt } from '../../kinds/json.ts';
import { CommandError, type Flag } from '../istioctl/cli/command.ts';
import type { HelmCall } from './cli.ts';
import { chartTitle, type Release } from './releases/release.ts';

export const OUTPUT_FLAG: Flag = {
  name: 'output',
  short: 'o',
  type: 'text',
  default: 'table',
  usage: 'prints the output in the specified format. Allowed values: table, json, yaml',
};

/** Rows as helm lays them out: every cell padded to its column, a tab between. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) => `${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('\t')}\n`)
    .join('');
}

/** Writes rows as a table, or the records as JSON or YAML, as `-o` asks. */
export async function write(
  { context, flags }: HelmCall,
  rows: () => string,
  records: unknown,
): Promise<void> {
  const format = flags.text('output');
  if (format === 'json') context.terminal.stdout(`${JSON.stringify(records)}\n`);
  else if (format === 'yaml') {
    const { stringify } = await import('yaml');
    context.terminal.stdout(stringify(records, { aliasDuplicateObjects: false, lineWidth: 0 }));
  } else if (format === 'table') context.terminal.stdout(rows());
  else throw new CommandError(`invalid format type`);
}

/** What `helm status` says, and install and upgrade at their end. */
export function statusText(
  release: Release,
  { hasDescription = false }: { readonly hasDescription?: boolean } = {},
): string {
  const description = hasDescription ? `DESCRIPTION: ${release.description}\n` : '';
  return `${headText(release)}${description}TEST SUITE: None\n${notesText(release)}`;
}

/** The lines that say what became of which release. */
export function headText({ name, namespace, status, version, lastDeployed }: Release): string {
  return `NAME: ${name}
LAST DEPLOYED: ${dayAndTime(lastDeployed)}
NAMESPACE: ${namespace}
STATUS: ${status}
REVISION: ${version}
`;
}

/** The manifest of a release, and its notes, as they end what helm shows of all of it. */
export function manifestAndNotesText(release: Release): string {
  return `HOOKS:\nMANIFEST:\n${release.manifest}\n${notesText(release)}`;
}

function notesText({ notes }: Release): string {
  return notes === '' ? '' : `NOTES:\n${notes.trim()}\n`;
}

/** `Thu Nov 26 01:52:41 2026`, C's format, as helm shows times. */
export function dayAndTime(iso: string): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(iso)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

/** `2026-11-26 01:52:41.5 +0000 UTC`, Go's format. */
function goTime(iso: string): string {
  const time = new Date(iso).toISOString();
  return `${time.slice(0, 19).replace('T', ' ')}${time.slice(19, 23).replace(/\.?0+$/, '')} +0000 UTC`;
}

/** A release as `helm list` has it in JSON. */
export function listRecord(release: Release) {
  return {
    name: release.name,
    namespace: release.namespace,
    revision: String(release.version),
    updated: goTime(release.lastDeployed),
    status: release.status,
    chart: chartTitle(release),
    app_version: appVersion(release),
  };
}

/** Version of what the chart installs. */
export function appVersion({ chart }: Release): string {
  return stringAt(chart, 'metadata', 'appVersion');
}

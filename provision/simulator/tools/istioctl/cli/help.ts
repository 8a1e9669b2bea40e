import type { Command, Flag } from './command.ts';

/** A command with the groups it stands in, outermost first. */
export interface CommandPath {
  readonly command: Command;
  readonly parents: readonly Command[];
}

/** `istioctl proxy-config cluster`. */
export function fullName({ command, parents }: CommandPath): string {
  return [...parents, command].map(({ name }) => name).join(' ');
}

/** The page `--help` prints, laid out as cobra does. */
export function helpText(path: CommandPath, globalFlags: readonly Flag[]): string {
  const { command } = path;
  return `${command.long ?? command.short}\n\n${usageText(path, globalFlags)}`;
}

/** The part of it that begins with `Usage:`. */
export function usageText(path: CommandPath, globalFlags: readonly Flag[]): string {
  const { command } = path;
  const name = fullName(path);
  const shown = (command.commands ?? []).filter(({ isHidden }) => !isHidden);
  const usages = [
    ...(command.run ? [`  ${name} ${command.use ?? '[flags]'}`] : []),
    ...(shown.length > 0 ? [`  ${name} [command]`] : []),
  ];
  const help: Flag = {
    name: 'help',
    short: 'h',
    type: 'boolean',
    usage: `Help for ${command.name}`,
  };
  const sections = [
    section('Usage:', usages),
    section(
      'Aliases:',
      command.aliases ? [`  ${[command.name, ...command.aliases].join(', ')}`] : [],
    ),
    section('Examples:', command.examples === undefined ? [] : [command.examples]),
    section('Available Commands:', commandLines(shown)),
    section('Flags:', flagLines([...(command.flags ?? []), help])),
    section('Global Flags:', flagLines(globalFlags)),
    shown.length > 0
      ? `Use "${name} [command] --help" for more information about a command.\n`
      : '',
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('\n')}\n`;
}

function commandLines(commands: readonly Command[]): readonly string[] {
  const sorted = commands.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const width = Math.max(11, ...sorted.map(({ name }) => name.length));
  return sorted.map(({ name, short }) => `  ${name.padEnd(width)} ${short}`);
}

const TYPE_NAMES: Readonly<Record<Flag['type'], string>> = {
  boolean: '',
  duration: 'duration',
  list: 'strings',
  number: 'int',
  text: 'string',
};

function flagLines(flags: readonly Flag[]): readonly string[] {
  const sorted = flags.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const heads = sorted.map(({ name, short, type }) =>
    `  ${short === undefined ? '    ' : `-${short}, `}--${name} ${TYPE_NAMES[type]}`.trimEnd(),
  );
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return sorted.map((flag, index) => `${(heads[index] ?? '').padEnd(width)}${usageOf(flag)}`);
}

function usageOf({ type, usage, default: value }: Flag): string {
  if (value === undefined || value === '' || value === '0' || value === 'false') return usage;
  return `${usage} (default ${type === 'text' ? JSON.stringify(value) : value})`;
}

/** How a command of a transcript is run and what it must print. */
export interface Step {
  /** Number of the line the command starts at, from 1. */
  readonly line: number;
  /** Shell text; may span lines. */
  readonly script: string;
  /** Conditions on the client's version: `>=1.30`. Empty: every version. */
  readonly versions: readonly string[];
  /** Repeated until the output fits, for what a cluster does in its own time. */
  readonly isRepeated: boolean;
  /** Lines with placeholders, standard output and error together. */
  readonly expected: readonly string[];
}

/** A file under `transcripts/`: what somebody types at a cluster, and what kubectl prints. */
export interface Transcript {
  /** Area and file name: `workloads/rollout`. */
  readonly name: string;
  /** One sentence: what it shows. */
  readonly title: string;
  /** What the cluster must have: `istio`, `metrics`. */
  readonly needs: readonly string[];
  /** Holds for the simulator alone, such as what it says about itself. */
  readonly isSimulatedOnly: boolean;
  readonly steps: readonly Step[];
}

const PROMPT = /^\$(~?) (?:\[((?:[<>]=?\d+\.\d+ ?)+)\] )?(.*)$/;

/**
 * Reads a transcript. The first line is its title behind `# `; header lines `# needs: a, b` and `# only: simulated` follow.
 * A command stands behind `$ ` (`$~ ` when it is repeated) and goes on in lines behind `> `; its output follows.
 * @throws Error naming file and line of what cannot be read
 */
export function parseTranscript(name: string, text: string): Transcript {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => !line.startsWith('#'));
  const header = lines.slice(0, start).map((line) => line.replace(/^# ?/, ''));
  const [title] = header;
  if (title === undefined) throw new Error(`Cannot read transcript ${name}: line 1 has no title`);
  return {
    name,
    title,
    needs: header.flatMap((line) => /^needs: (.*)$/.exec(line)?.[1]?.split(/, */) ?? []),
    isSimulatedOnly: header.includes('only: simulated'),
    steps: parseSteps(name, lines, start),
  };
}

function parseSteps(name: string, lines: readonly string[], start: number): readonly Step[] {
  const steps: Step[] = [];
  let at = start;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const prompt = PROMPT.exec(line);
    if (!prompt && line.trim() === '') {
      at++;
      continue;
    }
    if (!prompt)
      throw new Error(`Cannot read transcript ${name}: no command before line ${at + 1}`);
    const [, mark, versions = '', first = ''] = prompt;
    const script = [first, ...continued(lines, at + 1)];
    const outputAt = at + script.length;
    const expected = outputOf(lines, outputAt);
    steps.push({
      line: at + 1,
      script: script.join('\n'),
      versions: versions.split(' ').filter((one) => one !== ''),
      isRepeated: mark === '~',
      expected: withoutTrailingBlanks(expected),
    });
    at = outputAt + expected.length;
  }
  return steps;
}

/** The lines behind `> ` that a command goes on with. */
function continued(lines: readonly string[], from: number): readonly string[] {
  const end = lines.findIndex((line, i) => i >= from && line !== '>' && !line.startsWith('> '));
  return lines.slice(from, end === -1 ? undefined : end).map((line) => line.slice(2));
}

function outputOf(lines: readonly string[], from: number): readonly string[] {
  const end = lines.findIndex((line, i) => i >= from && PROMPT.test(line));
  return lines.slice(from, end === -1 ? undefined : end);
}

/** Blank lines at the end of an output part commands in a transcript; they mean nothing. */
export function withoutTrailingBlanks(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return lines.slice(0, last + 1);
}

/** Whether a client of a version such as `1.33` fits all conditions such as `>=1.30`. */
export function fitsVersion(conditions: readonly string[], version: string): boolean {
  return conditions.every((condition) => {
    const [, operator = '', bound = ''] = /^([<>]=?)(.*)$/.exec(condition) ?? [];
    const difference = minorOf(version) - minorOf(bound);
    if (difference === 0) return operator.endsWith('=');
    return operator.startsWith('>') ? difference > 0 : difference < 0;
  });
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

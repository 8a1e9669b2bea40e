/** What is wrong with an expression, shown as cel-go shows it: the place, the line and a caret below it. */

export interface Issue {
  /** Index into the text, in UTF-16 units. */
  readonly offset: number;
  readonly message: string;
}

/** `ERROR: <input>:1:5: undefined field 'x'` and the line with a caret, for each issue in the order of the text. */
export function issuesText(text: string, issues: readonly Issue[]): string {
  return issues
    .toSorted((a, b) => a.offset - b.offset)
    .map((issue) => issueText(text, issue))
    .join('\n');
}

function issueText(text: string, { offset, message }: Issue): string {
  const before = text.slice(0, offset).split('\n');
  const line = text.split('\n')[before.length - 1]?.replaceAll('\t', ' ') ?? '';
  const lead = Array.from(before.at(-1) ?? '');
  const marks = lead.map((char) => (isWide(char) ? '．' : '.')).join('');
  const at = Array.from(line)[lead.length] ?? '';
  const caret = isWide(at) ? '＾' : '^';
  return `ERROR: <input>:${before.length}:${lead.length + 1}: ${message}\n | ${line}\n | ${marks}${caret}`;
}

function isWide(char: string): boolean {
  return (char.codePointAt(0) ?? 0) > 127;
}

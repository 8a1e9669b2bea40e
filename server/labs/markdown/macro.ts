import type { LessonAction } from '#protocol';

/** A macro of Katacoda and Killercoda behind a code span or fence: `{{exec}}`, `{{execute T2 interrupt}}`, `{{copy}}`, `{{open}}`. */
export interface Macro {
  /** Words that mean nothing here, for the lint. */
  readonly unknownWords: readonly string[];
  /** What the code does when it is clicked; undefined for `{{}}`, which only says that it is not copied. */
  readonly toAction: ((code: string) => LessonAction) | undefined;
}

const IGNORED_WORD = /^(test-[\w-]+|HOST\d)$/;

/** Reads the words between the braces; undefined when they are no macro of ours (`{{ .Values.x }}`). */
export function parseMacro(words: string): Macro | undefined {
  const [name, ...rest] = words.trim().split(/\s+/);
  if (name === '') return { unknownWords: [], toAction: undefined };
  if (name === 'copy') return { unknownWords: rest, toAction: (text) => ({ type: 'copy', text }) };
  if (name === 'open')
    return { unknownWords: rest, toAction: (path) => ({ type: 'open', path: path.trim() }) };
  if (name === 'exec' || name === 'execute') return execMacro(rest);
  return undefined;
}

function execMacro(words: readonly string[]): Macro {
  let terminal: number | undefined;
  let isInterrupting = false;
  let hasNewline = true;
  let isKey = false;
  const unknownWords: string[] = [];
  for (const word of words) {
    const number = /^T([1-9])$/.exec(word)?.[1];
    if (number !== undefined) terminal = Number(number);
    // The misspelling is common in published scenarios.
    else if (word === 'interrupt' || word === 'interupt') isInterrupting = true;
    else if (word === 'no-newline') hasNewline = false;
    else if (word === 'ctrl-seq') isKey = true;
    else if (!IGNORED_WORD.test(word)) unknownWords.push(word);
  }
  return {
    unknownWords,
    toAction: (code) => ({
      type: 'exec',
      text: isKey ? controlKey(code) : code.replace(/\n+$/, ''),
      isInterrupting,
      hasNewline: hasNewline && !isKey,
      ...(terminal !== undefined && { terminal }),
    }),
  };
}

/** `^C` is the character Ctrl+C sends; `^ESC` is escape. */
function controlKey(code: string): string {
  const key = code.trim().replace(/^\^/, '');
  if (key === 'ESC') return '\u001B';
  return String.fromCodePoint((key.toUpperCase().codePointAt(0) ?? 0) & 0x1f);
}

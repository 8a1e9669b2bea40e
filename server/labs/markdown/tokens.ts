import { Marked, type Token, type Tokens } from 'marked';

import { type Macro, parseMacro } from './macro.ts';

/** A code span or block with the macro that stands behind it. */
export interface CommandToken {
  readonly type: 'commandBlock' | 'commandSpan';
  readonly raw: string;
  /** Exactly as written, line ends included. */
  readonly code: string;
  readonly language: string;
  readonly macro: Macro;
}

export function isCommandToken(
  token: Token | Tokens.Generic,
): token is Tokens.Generic & CommandToken {
  return token.type === 'commandBlock' || token.type === 'commandSpan';
}

const FENCE =
  /^(?<indent> {0,3})(?<fence>`{3,}|~{3,})[ \t]*(?<info>[^\n`]*)\n(?<code>[\s\S]*?)(?:^|\n) {0,3}\k<fence>[`~]*[ \t]*\{\{(?<words>[^{}\n]*)\}\}[^\n]*(?:\n|$)/;
// Two spans with text between them must not be taken for one: the code holds no run of the ticks that close it.
const SPAN =
  /^(?<ticks>`+)(?!`)(?<code>(?:(?!\k<ticks>)[\s\S])+)\k<ticks>\{\{(?<words>[^{}\n]*)\}\}/;

/**
 * Markdown with the macros. A closing fence followed by a macro is not a closing fence to CommonMark, and a span loses its
 * line ends there, so both are tokens of their own, tried first; in lists the text is already dedented when they are.
 */
export function lessonMarkdown(): Marked {
  return new Marked({
    gfm: true,
    extensions: [
      {
        name: 'commandBlock',
        level: 'block',
        start: (source) => /^ {0,3}(```|~~~)/m.exec(source)?.index,
        tokenizer: (source) => commandToken('commandBlock', FENCE.exec(source)),
      },
      {
        name: 'commandSpan',
        level: 'inline',
        start: (source) => source.indexOf('`'),
        tokenizer: (source) => commandToken('commandSpan', SPAN.exec(source)),
      },
    ],
  });
}

function commandToken(
  type: CommandToken['type'],
  match: RegExpExecArray | null,
): (Tokens.Generic & CommandToken) | undefined {
  const groups = match?.groups;
  if (!match || !groups) return undefined;
  const macro = parseMacro(groups['words'] ?? '');
  const code = groups['code'] ?? '';
  // A fence inside would mean that this match ran over the end of an ordinary block.
  if (!macro || (type === 'commandBlock' && /^ {0,3}(```|~~~)/m.test(code))) return undefined;
  const language = (groups['info'] ?? '').trim().split(/[\s{]/)[0] ?? '';
  return { type, raw: match[0], code: dedent(code, groups['indent'] ?? ''), language, macro };
}

function dedent(code: string, indent: string): string {
  return indent === '' ? code : code.replaceAll(new RegExp(`^ {1,${indent.length}}`, 'gm'), '');
}

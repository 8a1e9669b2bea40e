import type { LessonAction } from '#protocol';

import { CodeHighlighter, escapeHtml } from './highlight.ts';
import { Sanitizer } from './sanitize.ts';
import { type CommandToken, isCommandToken, lessonMarkdown } from './tokens.ts';

export interface RenderedPage {
  /** Sanitised; must not be changed any more. */
  readonly html: string;
  readonly actions: readonly LessonAction[];
}

/** Turns lesson Markdown into what the page shows. One per process: it holds the grammars. */
export class LessonRenderer {
  readonly #highlighter: CodeHighlighter;
  readonly #sanitizer = new Sanitizer();

  private constructor(highlighter: CodeHighlighter) {
    this.#highlighter = highlighter;
  }

  static async load(): Promise<LessonRenderer> {
    return new LessonRenderer(await CodeHighlighter.load());
  }

  render(markdown: string): RenderedPage {
    const actions: LessonAction[] = [];
    const button = (kind: string, action: LessonAction) => {
      actions.push(action);
      return `<button type="button" class="${kind}" data-action="${this.#sanitizer.sealed(actions.length - 1)}"></button>`;
    };
    const marked = lessonMarkdown();
    marked.use({
      renderer: {
        code: ({ text, lang }) =>
          `<pre><code>${this.#highlighter.toHtml(text, (lang ?? '').split(/[\s{]/)[0] ?? '')}</code></pre>`,
        blockquote({ tokens }) {
          return callout(this.parser.parse(tokens));
        },
      },
      extensions: ['commandBlock', 'commandSpan'].map((name) => ({
        name,
        renderer: (token) => (isCommandToken(token) ? this.#command(token, button) : false),
      })),
    });
    const html = this.#sanitizer.clean(marked.parse(markdown, { async: false }));
    return { html, actions };
  }

  #command(token: CommandToken, button: (kind: string, action: LessonAction) => string): string {
    const action = token.macro.toAction?.(token.code);
    const isBlock = token.type === 'commandBlock';
    const code = isBlock
      ? this.#highlighter.toHtml(token.code.replace(/\n$/, ''), token.language || 'bash')
      : escapeHtml(token.code);
    if (!action) return isBlock ? `<pre><code>${code}</code></pre>` : `<code>${code}</code>`;
    const buttons = [
      action.type === 'copy' ? '' : button(action.type === 'exec' ? 'run' : 'open', action),
    ];
    if (isBlock || action.type === 'copy')
      buttons.push(button('copy', { type: 'copy', text: token.code.replace(/\n$/, '') }));
    return isBlock
      ? `<figure class="command"><pre><code>${code}</code></pre>${buttons.join('')}</figure>`
      : `<span class="command inline"><code>${code}</code>${buttons.join('')}</span>`;
  }
}

const CALLOUT = /^<p>\[!(NOTE|TIP|WARNING)\]\s*/;

/** GitHub's callouts: a quotation that begins with `[!NOTE]`. */
function callout(inner: string): string {
  const kind = CALLOUT.exec(inner)?.[1];
  if (kind === undefined) return `<blockquote>${inner}</blockquote>`;
  return `<blockquote class="${kind.toLowerCase()}">${inner.replace(CALLOUT, '<p>')}</blockquote>`;
}

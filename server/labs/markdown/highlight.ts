import type { HighlighterCore } from 'shiki/core';

/** Colours that stand for classes: the page's own style sheet decides how each looks, light and dark. */
const CLASS_OF_COLOUR: Readonly<Record<string, string>> = {
  '#000001': 'tok-comment',
  '#000002': 'tok-string',
  '#000003': 'tok-number',
  '#000004': 'tok-keyword',
  '#000005': 'tok-property',
  '#000006': 'tok-function',
  '#000007': 'tok-operator',
};

const THEME = {
  name: 'classes',
  type: 'light' as const,
  colors: { 'editor.foreground': '#000000', 'editor.background': '#ffffff' },
  settings: [
    { scope: ['comment'], settings: { foreground: '#000001' } },
    { scope: ['string'], settings: { foreground: '#000002' } },
    { scope: ['constant.numeric', 'constant.language'], settings: { foreground: '#000003' } },
    { scope: ['keyword.control', 'storage'], settings: { foreground: '#000004' } },
    {
      scope: [
        'entity.name.tag',
        'support.type.property-name',
        'variable',
        'entity.other.attribute-name',
      ],
      settings: { foreground: '#000005' },
    },
    {
      scope: ['entity.name.function', 'entity.name.command', 'support.function'],
      settings: { foreground: '#000006' },
    },
    { scope: ['keyword.operator'], settings: { foreground: '#000007' } },
  ],
};

const ALIASES: Readonly<Record<string, string>> = {
  sh: 'shellscript',
  bash: 'shellscript',
  shell: 'shellscript',
  yml: 'yaml',
  yaml: 'yaml',
  json: 'json',
  http: 'http',
  html: 'html',
};

/** Code as HTML in which tokens are spans with `tok-…` classes; text in a language it does not know is only escaped. */
export class CodeHighlighter {
  readonly #shiki: HighlighterCore;

  private constructor(shiki: HighlighterCore) {
    this.#shiki = shiki;
  }

  /** Loads the grammars: some 100 ms, so once per process and not before it is needed. */
  static async load(): Promise<CodeHighlighter> {
    const [{ createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([
      import('shiki/core'),
      import('shiki/engine/javascript'),
    ]);
    const shiki = await createHighlighterCore({
      themes: [THEME],
      langs: [
        import('shiki/langs/shellscript.mjs'),
        import('shiki/langs/yaml.mjs'),
        import('shiki/langs/json.mjs'),
        import('shiki/langs/http.mjs'),
        import('shiki/langs/html.mjs'),
      ],
      engine: createJavaScriptRegexEngine({ forgiving: true }),
    });
    return new CodeHighlighter(shiki);
  }

  toHtml(code: string, language: string): string {
    const grammar = ALIASES[language];
    if (grammar === undefined) return escapeHtml(code);
    const { tokens } = this.#shiki.codeToTokens(code, { lang: grammar, theme: 'classes' });
    return tokens
      .map((line) =>
        line
          .map(({ content, color }) => {
            const className = CLASS_OF_COLOUR[(color ?? '').toLowerCase()];
            const text = escapeHtml(content);
            return className ? `<span class="${className}">${text}</span>` : text;
          })
          .join(''),
      )
      .join('\n');
  }
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

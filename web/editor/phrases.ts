import type { TFunction } from 'i18next';

/** CodeMirror's own words, as its packages write them, in the learner's language. */
export function phrases(t: TFunction): Readonly<Record<string, string>> {
  return {
    Find: t('editor.phrases.find'),
    Replace: t('editor.phrases.replace'),
    next: t('editor.phrases.next'),
    previous: t('editor.phrases.previous'),
    all: t('editor.phrases.all'),
    'match case': t('editor.phrases.case'),
    regexp: t('editor.phrases.regexp'),
    'by word': t('editor.phrases.word'),
    replace: t('editor.phrases.replaceOne'),
    'replace all': t('editor.phrases.replaceAll'),
    close: t('editor.phrases.close'),
    'Go to line': t('editor.phrases.goToLine'),
    go: t('editor.phrases.go'),
    Diagnostics: t('editor.phrases.diagnostics'),
    'No diagnostics': t('editor.phrases.noDiagnostics'),
    Completions: t('editor.phrases.completions'),
    'current match': t('editor.phrases.currentMatch'),
    'on line': t('editor.phrases.onLine'),
    'replaced match on line $': t('editor.phrases.replacedMatch'),
    'replaced $ matches': t('editor.phrases.replacedMany'),
  };
}

import { LOCALES } from '#protocol';

import { VERIFIER_IDS } from '../../verifiers/index.ts';
import { readLocalFile } from './files.ts';
import type { Lab, LabProblem } from './lab.ts';
import { loadLabs, textNames } from './load.ts';
import { isCommandToken, lessonMarkdown } from './markdown/tokens.ts';

/**
 * Everything that is wrong with the labs of a folder: what keeps one from opening, and what an author would want to know:
 * macro words that mean nothing, commands that differ between languages, steps without a verifier.
 */
export async function lintLabs(folder: string): Promise<readonly LabProblem[]> {
  const { labs, problems } = await loadLabs(folder, new Set(VERIFIER_IDS));
  const found = await Promise.all(labs.flatMap((lab) => [lintCommands(lab), lintSteps(lab)]));
  return [...problems, ...found.flat()].toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line,
  );
}

async function lintSteps(lab: Lab): Promise<readonly LabProblem[]> {
  return lab.steps.flatMap((step, index) =>
    step.verifier === undefined
      ? [
          {
            file: `${lab.id}/index.json`,
            line: 1,
            message: `Step ${index + 1} has no verifier: it is done by going on`,
            severity: 'warning',
          } as const,
        ]
      : [],
  );
}

interface LessonCommand {
  readonly code: string;
  readonly line: number;
  readonly unknownWords: readonly string[];
}

async function lintCommands(lab: Lab): Promise<readonly LabProblem[]> {
  const problems: LabProblem[] = [];
  await Promise.all(
    textNames(lab).map(async (name) => {
      const base = await readLocalFile(lab, name, 'en');
      if (!base) return;
      const commands = commandsIn(base.text);
      problems.push(...unknownWords(`${lab.id}/${name}`, commands));
      for (const locale of LOCALES) {
        const file = await readLocalFile(lab, name, locale);
        if (file?.locale !== locale || locale === 'en') continue;
        problems.push(
          ...differences(localName(lab, name, locale), commands, commandsIn(file.text)),
        );
      }
    }),
  );
  return problems;
}

/** Code with a macro, in order. */
function commandsIn(markdown: string): readonly LessonCommand[] {
  const marked = lessonMarkdown();
  const commands: LessonCommand[] = [];
  let searchFrom = 0;
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (!isCommandToken(token)) return;
    const at = Math.max(0, markdown.indexOf(token.code.split('\n')[0] ?? '', searchFrom));
    searchFrom = at;
    const line = markdown.slice(0, at).split('\n').length;
    commands.push({ code: token.code, line, unknownWords: token.macro.unknownWords });
  });
  return commands;
}

function unknownWords(file: string, commands: readonly LessonCommand[]): readonly LabProblem[] {
  return commands.flatMap(({ line, unknownWords: words }) =>
    words.map((word) => ({
      file,
      line,
      message: `"${word}" means nothing in a macro`,
      severity: 'warning' as const,
    })),
  );
}

function differences(
  file: string,
  base: readonly LessonCommand[],
  translated: readonly LessonCommand[],
): readonly LabProblem[] {
  const count = Math.max(base.length, translated.length);
  for (let index = 0; index < count; index++) {
    const [wanted, found] = [base[index], translated[index]];
    if (wanted?.code === found?.code) continue;
    const message = found
      ? `The command differs from the English one: «${found.code.trim()}» instead of «${wanted?.code.trim() ?? 'nothing'}»`
      : `The command «${wanted?.code.trim() ?? ''}» of the English text is missing`;
    return [{ file, line: found?.line ?? 1, message, severity: 'error' }];
  }
  return [];
}

function localName(lab: Lab, name: string, locale: string): string {
  return `${lab.id}/${name.replace(/(\.\w+)$/, `.${locale}$1`)}`;
}

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { LOCALES } from '#protocol';

import { playLab, prepareSelfCheck, readConfig, type StepReport } from '../../server/index.ts';
import { junitReport, tapReport, textLine } from './check-report.ts';
import { type Command, UsageError } from './command.ts';

const HELP = `Usage: regatta check [LAB…] [OPTIONS]

Plays labs without a person, each step in the sandbox on a fresh cluster: before the commands the step's verifier must
say no, after them yes. Says what broke and whose fault it is. Exit status 0: all labs work; 1: something does not.

Options
  --locale LIST         languages, separated by commas (default en,fr,zh)
  --labs DIR            folder with the labs
  --provider NAME       where clusters come from: simulated (default)
  --report KIND[=FILE]  besides: junit=FILE, json=FILE, or tap (on standard output, instead of the text)
`;

export const check: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        locale: { type: 'string' },
        labs: { type: 'string' },
        provider: { type: 'string' },
        sandbox: { type: 'string' },
        report: { type: 'string', multiple: true },
      },
    });
    if (values.provider === 'kubeconfig') {
      throw new UsageError('Cannot check labs on a real cluster: each lab needs a fresh one');
    }
    const locales = parseLocales(values.locale);
    const reports = (values.report ?? []).map(parseReport);
    const isTap = reports.some(({ kind }) => kind === 'tap');
    await using selfCheck = await prepareSelfCheck(readConfig(values));
    const unknown = positionals.find((id) => !selfCheck.labs.some((lab) => lab.id === id));
    const broken = selfCheck.problems.filter(({ severity }) => severity === 'error');
    for (const { file, line, message } of broken)
      process.stderr.write(`${file}:${line} ${message}\n`);
    if (unknown !== undefined)
      throw new UsageError(`There is no lab "${unknown}" that can be opened`);
    const labs = selfCheck.labs.filter(
      ({ id }) => positionals.length === 0 || positionals.includes(id),
    );
    const steps: StepReport[] = [];
    const tell = (step: StepReport) => void (isTap || process.stdout.write(`${textLine(step)}\n`));
    for (const lab of labs) {
      for (const locale of locales) {
        for await (const step of playLab(lab, locale, selfCheck.tools)) {
          steps.push(step);
          tell(step);
        }
      }
    }
    await Promise.all(reports.map((report) => write(report, steps)));
    const failed = steps.filter(({ fault }) => fault !== undefined).length + broken.length;
    if (!isTap) process.stdout.write(`${steps.length} steps played, ${failed} failed\n`);
    return failed === 0 && steps.length > 0 ? 0 : 1;
  },
};

interface Report {
  readonly kind: 'junit' | 'json' | 'tap';
  readonly file: string;
}

function parseReport(text: string): Report {
  const [kind, file = ''] = text.split('=', 2);
  if (kind === 'tap') return { kind, file: '' };
  if ((kind === 'junit' || kind === 'json') && file !== '') return { kind, file };
  throw new UsageError(`Cannot make the report "${text}": it is junit=FILE, json=FILE or tap`);
}

function parseLocales(text: string | undefined): readonly (typeof LOCALES)[number][] {
  if (text === undefined) return LOCALES;
  return text.split(',').map((name) => {
    const locale = LOCALES.find((known) => known === name.trim());
    if (locale) return locale;
    throw new UsageError(`Cannot check the language "${name}": there are ${LOCALES.join(', ')}`);
  });
}

async function write({ kind, file }: Report, steps: readonly StepReport[]): Promise<void> {
  if (kind === 'tap') process.stdout.write(tapReport(steps));
  else if (kind === 'json') await writeFile(file, `${JSON.stringify({ steps }, undefined, 2)}\n`);
  else await writeFile(file, junitReport(steps));
}

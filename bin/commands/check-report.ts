import type { StepReport } from '../../server/index.ts';

/** One line, and what the terminal showed when a command is to blame. */
export function textLine(step: StepReport): string {
  const seconds = (step.durationMs / 1000).toFixed(1);
  const name = `${step.lab} ${step.locale} ${step.step}. ${step.title}`;
  if (step.fault === undefined) return `ok     ${name} (${seconds} s)`;
  const output =
    step.output === undefined ? '' : `\n${step.output.replaceAll(/^/gm, '         | ')}`;
  return `FAILED ${name}: ${step.problem ?? ''} [fault: ${step.fault}]${output}`;
}

/** Test Anything Protocol, version 14. */
export function tapReport(steps: readonly StepReport[]): string {
  const lines = steps.map((step, index) => {
    const result = step.fault === undefined ? 'ok' : 'not ok';
    const line = `${result} ${index + 1} - ${step.lab} ${step.locale} ${step.step}. ${step.title}`;
    if (step.fault === undefined) return line;
    return `${line}\n  ---\n  fault: ${step.fault}\n  message: ${JSON.stringify(step.problem ?? '')}\n  ...`;
  });
  return ['TAP version 14', `1..${steps.length}`, ...lines, ''].join('\n');
}

/** The XML that continuous-integration servers read: a suite per lab and language, a case per step. */
export function junitReport(steps: readonly StepReport[]): string {
  const suites = Object.entries(Object.groupBy(steps, ({ lab, locale }) => `${lab} ${locale}`));
  const body = suites.map(([name, cases = []]) => {
    const failures = cases.filter(({ fault }) => fault !== undefined).length;
    return [
      `  <testsuite name="${escapeXml(name)}" tests="${cases.length}" failures="${failures}">`,
      ...cases.map((step) => testCase(name, step)),
      '  </testsuite>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...body,
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, step: StepReport): string {
  const time = (step.durationMs / 1000).toFixed(3);
  const open = `    <testcase classname="${escapeXml(suite)}" name="${step.step}. ${escapeXml(step.title)}" time="${time}"`;
  if (step.fault === undefined) return `${open}/>`;
  const failure = `<failure type="${step.fault}" message="${escapeXml(step.problem ?? '')}">${escapeXml(step.output ?? '')}</failure>`;
  return `${open}>${failure}</testcase>`;
}

/** XML 1.0 has no control characters, which terminal output is full of. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uFFFD]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}

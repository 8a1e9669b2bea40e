import { textAt } from '../kit/fields.ts';
import { failed, passed } from '../kit/result.ts';
import { readTexts } from '../kit/texts.ts';
import type { CheckResult, ReadObject, Verifier } from '../verifier.ts';

/** What took over from the components of older releases (Istio 1.5 release notes). */
const PLANES = { 'data-plane': 'envoy', 'control-plane': 'istiod' } as const;
const OLDER = { pilot: 'istiod', citadel: 'istiod', galley: 'istiod', mixer: 'envoy' } as const;

/** Step 2: the learner's notes on the parts of a mesh, in a ConfigMap, are right. */
export const notes: Verifier = {
  id: 'get-started/notes',
  checks: ['notes', 'planes', 'older'],
  watches: [{ apiVersion: 'v1', plural: 'configmaps' }],
  texts: readTexts(new URL('notes.texts.json', import.meta.url)),
  async run(reader) {
    const map = await reader.get('v1', 'ConfigMap', 'mesh-notes', 'default');
    return [
      map ? passed('notes') : failed('notes', 'no-notes'),
      checkAnswers('planes', PLANES, map),
      checkAnswers('older', OLDER, map),
    ];
  },
};

function checkAnswers(
  check: string,
  wanted: Readonly<Record<string, string>>,
  map: ReadObject | undefined,
): CheckResult {
  if (!map) return failed(check, 'nothing-to-read');
  for (const [key, answer] of Object.entries(wanted)) {
    const given = textAt(map, 'data', key)?.trim().toLowerCase();
    if (given === answer) continue;
    const isOpen = given === undefined || given === '' || given === '?';
    return isOpen ? failed(check, 'open', { key }) : failed(check, 'wrong', { key, given });
  }
  return passed(check);
}

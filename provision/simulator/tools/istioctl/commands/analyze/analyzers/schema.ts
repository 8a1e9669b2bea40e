import { objectAt } from '../../../../../kinds/json.ts';
import { validate } from '../../../../../mesh/pilot/validation/index.ts';
import type { Message } from '../message.ts';
import type { Analyzed, AnalyzedKind, World } from '../world.ts';

const UNUSED_RULE = /^virtualService rule (\S+|"[^"]*") not used \((.*)\)$/;
const UNUSED_MATCH =
  /^virtualService rule (\S+|"[^"]*") match (\S+|"[^"]*") (?:of prefix \S+ )?is not used \(duplicate\/overlapping match in rule (\S+|"[^"]*")\)$/;

/** IST0106, IST0130, IST0131 and IST0133: what istiod's webhook would say of an object. */
export function schemaOf(kind: AnalyzedKind): (world: World) => readonly Message[] {
  return (world) => world.all(kind).flatMap(ofObject);
}

function ofObject(about: Analyzed): readonly Message[] {
  const { errors, warnings } = validate(withNamespace(about));
  return [
    ...errors.map((error) => ({
      code: 'IST0106',
      about,
      text: `Schema validation error: ${error}`,
    })),
    ...warnings.map((warning) => ofWarning(about, warning)),
  ];
}

/** A file may leave the namespace out, which some messages name. */
function withNamespace({ object, name, namespace }: Analyzed): Analyzed['object'] {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), name, namespace } };
}

function ofWarning(about: Analyzed, warning: string): Message {
  const rule = UNUSED_RULE.exec(warning);
  if (rule) {
    const text = `VirtualService rule ${rule[1]} not used (${(rule[2] ?? '').replace(/^reasons?: /, '')}).`;
    return { code: 'IST0130', about, text };
  }
  const match = UNUSED_MATCH.exec(warning);
  if (match) {
    const text = `VirtualService rule ${match[1]} match ${match[2]} is not used (duplicate/overlapping match in rule ${match[3]}).`;
    return { code: 'IST0131', about, text };
  }
  return { code: 'IST0133', about, text: `Schema validation warning: ${warning}` };
}

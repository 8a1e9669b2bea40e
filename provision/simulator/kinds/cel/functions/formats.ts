/** format.named(), format.dns1123Label() and the like (Kubernetes documentation, "Kubernetes format library"). */
import { formatProblem } from '../../crd/formats.ts';
import {
  dns1035Problems,
  labelNameProblems,
  labelValueProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from '../../validation/fields/names.ts';
import { fn, list, method, optional, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { CelList, CelOptional, Opaque } from '../value.ts';

const formatType = opaque('kubernetes.NamedFormat');

type Problems = (text: string) => readonly string[];

class Format extends Opaque {
  readonly type = formatType;
  readonly name: string;
  readonly problems: Problems;

  constructor(name: string, problems: Problems) {
    super();
    this.name = name;
    this.problems = problems;
  }

  isEqual(other: Opaque): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

/** A name that a suffix is put behind may end with a dash. */
function prefix(problems: Problems): Problems {
  return (text) => problems(text.replace(/-+$/, (dashes) => dashes.replaceAll('-', 'a')));
}

function ofSchema(format: string, words: string): Problems {
  return (text) => (formatProblem(format, text) === undefined ? [] : [words]);
}

const FORMATS: Readonly<Record<string, Problems>> = {
  dns1123Label: labelNameProblems,
  dns1123Subdomain: subdomainProblems,
  dns1035Label: dns1035Problems,
  qualifiedName: qualifiedNameProblems,
  dns1123LabelPrefix: prefix(labelNameProblems),
  dns1123SubdomainPrefix: prefix(subdomainProblems),
  dns1035LabelPrefix: prefix(dns1035Problems),
  labelValue: labelValueProblems,
  uri: (text) => (/^([A-Za-z][\w+.-]*:|\/)\S*$/.test(text) ? [] : ['invalid URI']),
  uuid: ofSchema('uuid', 'does not match the UUID format'),
  byte: ofSchema('byte', 'invalid base64'),
  date: ofSchema('date', 'invalid date'),
  datetime: ofSchema('date-time', 'invalid datetime'),
};

const anyFormat = param(formatType, (value) => value instanceof Format);

export const formats: readonly Overload[] = [
  ...Object.entries(FORMATS).map(([name, problems]) =>
    fn<[]>(`format.${name}`, [], anyFormat, () => new Format(name, problems)),
  ),
  fn('format.named', [string], optional(anyFormat), (name) => {
    const problems = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    return problems ? new CelOptional(new Format(name, problems)) : new CelOptional();
  }),
  method('validate', [anyFormat, string], optional(list(string)), ({ problems }, text) => {
    const found = problems(text);
    return found.length === 0 ? new CelOptional() : new CelOptional(new CelList(found));
  }),
];

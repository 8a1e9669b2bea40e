/** Rules for names, labels and ports, each giving upstream's messages (apimachinery, util/validation); none when all is well. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

/** RFC 1123 label: names of namespaces, containers, volumes. */
export function labelNameProblems(text: string): readonly string[] {
  return problems(
    text,
    63,
    LABEL,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc'",
  );
}

/** RFC 1123 subdomain: names of most objects. */
export function subdomainProblems(text: string): readonly string[] {
  return problems(
    text,
    253,
    SUBDOMAIN,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com'",
  );
}

/** Host names whose first part stands for any. */
export function wildcardProblems(text: string): readonly string[] {
  const pattern = `\\*\\.${SUBDOMAIN}`;
  return problems(
    text,
    253,
    pattern,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com'",
  );
}

/** RFC 1035 label: names of services. */
export function dns1035Problems(text: string): readonly string[] {
  return problems(
    text,
    63,
    DNS_1035,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123'",
  );
}

/** What may stand as one part of a URL: names of roles and bindings. */
export function pathSegmentProblems(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%']
    .filter((sign) => text.includes(sign))
    .map((sign) => `may not contain '${sign}'`);
}

/** Keys of labels and annotations: `app`, `example.com/app`. */
export function qualifiedNameProblems(text: string): readonly string[] {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_RULE}, regex used for validation is '${QUALIFIED}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  return [...(parts.length === 2 ? prefixProblems(parts[0] ?? '') : []), ...partProblems(name)];
}

/** Values of labels. */
export function labelValueProblems(text: string): readonly string[] {
  return problems(
    text,
    63,
    LABEL_VALUE,
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345'",
  );
}

/** Keys of ConfigMaps and Secrets. */
export function configKeyProblems(text: string): readonly string[] {
  const dots = text === '.' || text === '..' ? [`must not be '${text}'`] : [];
  const hidden = text.startsWith('..') && text !== '..' ? ["must not start with '..'"] : [];
  const rule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name'";
  return [...problems(text, 253, CONFIG_KEY, rule), ...dots, ...hidden];
}

/** Names of environment variables: upstream takes everything printable since 1.34. */
export function environmentNameProblems(text: string): readonly string[] {
  return /^[ -<>-~]+$/.test(text)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ];
}

/** Port numbers. */
export function portNumberProblems(port: number): readonly string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
    ? []
    : ['must be between 1 and 65535, inclusive'];
}

/** Port names of pods (IANA service names). */
export function portNameProblems(text: string): readonly string[] {
  const found: string[] = [];
  if (text.length > 15) found.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]*$/.test(text)) {
    found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(text)) found.push('must contain at least one letter (a-z)');
  if (text.includes('--')) found.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(text)) found.push('must not begin or end with a hyphen');
  return found;
}

const QUALIFIED_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc'";

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return subdomainProblems(prefix).map((problem) => `prefix part ${problem}`);
}

function partProblems(name: string): readonly string[] {
  const empty = name === '' ? ['name part must be non-empty'] : [];
  const rest = problems(name, 63, QUALIFIED, QUALIFIED_RULE).map(
    (problem) => `name part ${problem}`,
  );
  return [...empty, ...rest];
}

/** `rule` is upstream's sentence up to its examples; the pattern is added to it. */
function problems(
  text: string,
  limitBytes: number,
  pattern: string,
  rule: string,
): readonly string[] {
  const found: string[] = [];
  if (Buffer.byteLength(text) > limitBytes) found.push(`must be no more than ${limitBytes} bytes`);
  if (!matcher(pattern).test(text))
    found.push(`${rule}, regex used for validation is '${pattern}')`);
  return found;
}

const matchers = new Map<string, RegExp>();

function matcher(pattern: string): RegExp {
  const known = matchers.get(pattern);
  if (known) return known;
  const made = new RegExp(`^(?:${pattern})$`);
  matchers.set(pattern, made);
  return made;
}

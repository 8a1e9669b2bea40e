import { isList, isObject } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { isInCidr } from '../../../../net/cidr.ts';
import type { AccessFacts, HttpFacts } from './facts.ts';
import {
  hostTest,
  namespaceTest,
  pathTest,
  principalTest,
  requestPrincipalTests,
  serviceAccountTest,
  type TextTest,
  textTest,
  trustDomainTest,
} from './values.ts';

/** Whether something holds of a connection or request. */
export type Test = (facts: AccessFacts) => boolean;

/** What a value of some field asks; undefined where it cannot be asked: a value that cannot be read. */
export type MakeTest = (value: string, policyNamespace: string) => Test | undefined;

/** A field of policies: what its values ask, and whether only requests can be asked. */
export interface Field {
  readonly isHttpOnly: boolean;
  readonly test: MakeTest;
}

/** Fields of sources and operations by their names, and keys of conditions that mean the same. */
export const FIELDS = {
  principals: ofCertificate(principalTest),
  namespaces: ofCertificate(namespaceTest),
  serviceAccounts: ofCertificate(serviceAccountTest),
  trustDomains: ofCertificate(trustDomainTest),
  ipBlocks: ofAddress(({ sourceIp }) => sourceIp),
  remoteIpBlocks: ofAddress(({ remoteIp }) => remoteIp),
  destinationIp: ofAddress(({ destination }) => destination.ip),
  ports: { isHttpOnly: false, test: portTest },
  serverName: {
    isHttpOnly: false,
    test: (value) => {
      const fits = textTest(value);
      return ({ serverName }) => fits(serverName ?? '');
    },
  },
  requestPrincipals: ofRequest((value) => {
    const { issuer, subject } = requestPrincipalTests(value);
    return ({ claims }) => isText(claims?.['iss'], issuer) && isText(claims?.['sub'], subject);
  }),
  hosts: ofRequest((value) => {
    const fits = hostTest(value);
    return ({ request }) => fits(request.authority);
  }),
  methods: ofRequest((value) => {
    const fits = textTest(value);
    return ({ request }) => fits(request.method);
  }),
  paths: ofRequest((value) => {
    const fits = pathTest(value);
    return ({ path }) => fits(path);
  }),
} as const satisfies Record<string, Field>;

/** The field that a condition's key stands for; undefined for keys that Istio does not know. */
export function conditionField(key: string): Field | undefined {
  const known = CONDITIONS[key];
  if (known) return known;
  // What other filters of Envoy note of a connection (of MySQL, MongoDB …): there are none here, so that nothing is ever noted.
  if (/^experimental\.envoy\.filters\.[^[]*\[.*\]$/.test(key)) {
    return { isHttpOnly: false, test: () => () => false };
  }
  const header = /^request\.headers\[(.*)\]$/.exec(key)?.[1];
  if (header !== undefined) return headerField(header.toLowerCase());
  const claims = /^request\.auth\.claims(\[.*\])$/.exec(key)?.[1];
  return claims === undefined ? undefined : claimField(pathIn(claims));
}

const CONDITIONS: Readonly<Record<string, Field>> = {
  'source.ip': FIELDS.ipBlocks,
  'remote.ip': FIELDS.remoteIpBlocks,
  'source.namespace': FIELDS.namespaces,
  'source.principal': FIELDS.principals,
  'source.serviceAccount': FIELDS.serviceAccounts,
  'destination.ip': FIELDS.destinationIp,
  'destination.port': FIELDS.ports,
  'connection.sni': FIELDS.serverName,
  'request.auth.principal': FIELDS.requestPrincipals,
  'request.auth.audiences': claimField(['aud']),
  'request.auth.presenter': claimField(['azp']),
};

function ofCertificate(make: (value: string, policyNamespace: string) => TextTest): Field {
  return {
    isHttpOnly: false,
    test: (value, policyNamespace) => {
      const fits = make(value, policyNamespace);
      return ({ principal }) => principal !== undefined && fits(principal);
    },
  };
}

function ofAddress(addressOf: (facts: AccessFacts) => string): Field {
  return {
    isHttpOnly: false,
    test: (value) => (isRange(value) ? (facts) => isInCidr(addressOf(facts), value) : undefined),
  };
}

function ofRequest(make: (value: string) => (http: HttpFacts) => boolean): Field {
  return {
    isHttpOnly: true,
    test: (value) => {
      const holds = make(value);
      return ({ http }) => http !== undefined && holds(http);
    },
  };
}

function portTest(value: string): Test | undefined {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) return undefined;
  return ({ destination }) => destination.port === port;
}

/** `*` asks for presence alone, also of an empty header; several of one name are one, with commas between them. */
function headerField(name: string): Field {
  return ofRequest((value) => {
    const fits = value === '*' ? () => true : textTest(value);
    return ({ request }) => {
      const found = headerIn(request, name);
      return found !== undefined && fits(found);
    };
  });
}

function headerIn(request: HttpFacts['request'], name: string): string | undefined {
  switch (name) {
    case ':authority':
    case 'host':
      return request.authority;
    case ':method':
      return request.method;
    case ':path':
      return request.path;
    default: {
      if (!request.headers.has(name)) return undefined;
      const values = [...request.headers].filter(([one]) => one === name).map(([, value]) => value);
      return values.join(',');
    }
  }
}

/** A claim fits when it is the text, or a list with the text in it; numbers and truth values never do. */
function claimField(path: readonly string[]): Field {
  return ofRequest((value) => {
    const fits = textTest(value);
    return ({ claims }) => {
      const found = claimAt(claims, path);
      return isList(found) ? found.some((one) => isText(one, fits)) : isText(found, fits);
    };
  });
}

function claimAt(claims: JsonObject | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (one, name) => (isObject(one) && Object.hasOwn(one, name) ? one[name] : undefined),
    claims,
  );
}

/** `[a][b]` is a claim in a claim; what cannot be read so is one name. */
function pathIn(brackets: string): readonly string[] {
  const isNested = /^(\[[^[\]]*\])+$/.test(brackets);
  return isNested ? brackets.slice(1, -1).split('][') : [brackets.slice(1, -1)];
}

function isText(value: Json | undefined, fits: TextTest): boolean {
  return typeof value === 'string' && fits(value);
}

function isRange(value: string): boolean {
  // Ranges of IPv6 can be written, and hold no address of the simulated cluster.
  return (
    /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/.test(value) || /^[\da-f:.]*:[\da-f:./]*$/i.test(value)
  );
}

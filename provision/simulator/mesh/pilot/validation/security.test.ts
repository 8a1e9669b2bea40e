import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertRows, listed, type Row, verdictOn } from './test-verdicts.ts';

const EVERY_REQUEST =
  'is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request';
const DENIES_TCP =
  'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';
const CUSTOM =
  'Regatta: AuthorizationPolicy with action CUSTOM is not simulated, use ALLOW or DENY';
const TARGETS =
  'core/v1/Service networking.istio.io/v1/ServiceEntry gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass';

const policy = (message: string) => `invalid policy x.shop: ${message}`;
const from = (source: object) => ({ rules: [{ from: [{ source }] }] });
const to = (operation: object) => ({ rules: [{ to: [{ operation }] }] });
const when = (...conditions: readonly object[]) => ({ rules: [{ when: conditions }] });
const deny = (rule: object) => ({ action: 'DENY', rules: [rule] });

const jwt = (rule: object) => ({ jwtRules: [{ issuer: 'a', ...rule }] });

const said = (kind: string, annotations: object, spec: object = {}) =>
  verdictOn(kind, spec, { annotations }).text;

test('An AuthorizationPolicy is refused for its action, its targets and its sources', () => {
  const rows: readonly Row[] = [
    [{}, ''],
    [{ action: 'DENY' }, policy(`DENY action without \`rules\` ${EVERY_REQUEST}`)],
    [{ action: 'DENY', rules: [] }, policy(`DENY action without \`rules\` ${EVERY_REQUEST}`)],
    [
      { provider: { name: 'a' } },
      policy('`provider` must not be with non CUSTOM action, found ALLOW'),
    ],
    // An empty list is none to istiod, so that the rule is for everybody.
    [{ rules: [{ from: [], to: [] }] }, ''],
    [{ rules: [{ from: [{}] }] }, policy('`from.source` must not be nil, found at rule 0')],
    [{ rules: [{ to: [{}] }] }, policy('`to.operation` must not be nil, found at rule 0')],
    [from({}), policy('`from.source` must not be empty, found at rule 0')],
    [
      from({ namespaces: ['a'], serviceAccounts: ['b'] }),
      policy('cannot set serviceAccounts with namespaces or principals, found at rule 0'),
    ],
    [
      from({ ipBlocks: ['10.0.0.0/40', '10.0.0', '1.2.3/8', '::/x'] }),
      listed(
        policy(
          'bad CIDR range (10.0.0.0/40): netip.ParsePrefix("10.0.0.0/40"): prefix length out of range',
        ),
        policy('bad IP address (10.0.0)'),
        policy(
          'bad CIDR range (1.2.3/8): netip.ParsePrefix("1.2.3/8"): ParseAddr("1.2.3"): IPv4 address too short',
        ),
        policy('bad CIDR range (::/x): netip.ParsePrefix("::/x"): bad bits after slash: "x"'),
      ),
    ],
    [from({ remoteIpBlocks: ['a'] }), listed(policy('bad IP address (a)'))],
    [from({ principals: [''] }), policy('empty value not allowed, found in Principals')],
    [
      from({ serviceAccounts: ['a/b/c'] }),
      policy(
        "expected format 'serviceAccount' or 'namespace/serviceAccount', found \"a/b/c\" in ServiceAccounts",
      ),
    ],
    [
      from({ notServiceAccounts: ['a/'] }),
      policy(
        "expected format 'serviceAccount' or 'namespace/serviceAccount', found empty serviceAccount \"a/\" in NotServiceAccounts",
      ),
    ],
    [
      from({ trustDomains: ['a*b'] }),
      policy('wildcard is only allowed at the start or end, found in TrustDomains: "a*b"'),
    ],
    [
      from({ trustDomains: ['a/b'] }),
      policy('trust domain must not contain \'/\', found in TrustDomains: "a/b"'),
    ],
    [
      { selector: { matchLabels: { a: 'b*' } } },
      policy('wildcard is not supported in selector: "a=b*"'),
    ],
    [{ selector: {} }, '', 'workload selector specified without labels'],
    [
      { selector: { matchLabels: { a: 'b' } }, targetRefs: [{ kind: 'Pod', name: 'a' }] },
      listed(
        policy('only one of targetRefs or workloadSelector can be set'),
        policy(`targetRef must be to one of [${TARGETS}] but was /Pod`),
      ),
    ],
    [
      { targetRef: { kind: 'Gateway', group: 'gateway.networking.k8s.io', namespace: 'b' } },
      listed(
        policy('targetRef name must be set'),
        policy('targetRef namespace must not be set; cross namespace referencing is not supported'),
      ),
    ],
  ];
  assertRows('AuthorizationPolicy', rows);
});

test('An AuthorizationPolicy is refused for its operations and conditions', () => {
  const path = 'invalid or unsupported path';
  const beyond = "Contains '{' or '}' beyond a supported path template";
  const rows: readonly Row[] = [
    [to({}), policy('`to.operation` must not be empty, found at rule 0')],
    [
      to({ ports: ['a', '70000'] }),
      listed(
        policy('bad port (a): strconv.ParseUint: parsing "a": invalid syntax'),
        policy('bad port (70000): <nil>'),
      ),
    ],
    [to({ notMethods: [''] }), policy('empty value not allowed, found in NotMethods')],
    [to({ paths: ['/a/{*}/b', '/{**}'] }), ''],
    [
      to({ paths: ['/{**}/{*}'] }),
      policy(`${path} {**}/{*}, found in Paths. {**} is not the last operator`),
    ],
    [to({ paths: ['/a{*}'] }), policy(`${path} a{*}, found in Paths. ${beyond}`)],
    [
      to({ notPaths: ['/a*/{*}'] }),
      policy(`${path} a*/{*}, found in NotPaths. Contains segment a* with invalid string literal`),
    ],
    [when({}), policy('`key` must not be empty')],
    [
      when({ key: 'source.ip' }),
      policy('at least one of `values` or `notValues` must be set for key source.ip'),
    ],
    [
      when({ key: 'source.ip', values: ['a'] }),
      policy(`invalid \`value\` for \`key\` source.ip: ${listed('bad IP address (a)')}`),
    ],
    [
      when({ key: 'request.headers', notValues: ['a'] }),
      listed(
        policy(
          'invalid `value` for `key` request.headers: bad key (request.headers): should have format a[b]',
        ),
        policy(
          'invalid `notValue` for `key` request.headers: bad key (request.headers): should have format a[b]',
        ),
      ),
    ],
    [when({ key: 'request.auth.claims[a][b]', values: ['c'] }), ''],
    [
      when({ key: 'destination.labels[a]', values: [''] }),
      listed(
        policy(
          'invalid `value` for `key` destination.labels[a]: empty value not allowed, found in destination.labels[a]',
        ),
        policy(
          'invalid `notValue` for `key` destination.labels[a]: attribute destination.labels[a] is replaced by the workload selector',
        ),
      ),
    ],
    [
      when({ key: 'source.name', values: ['a'] }),
      listed(
        policy('invalid `value` for `key` source.name: unknown attribute: source.name'),
        policy('invalid `notValue` for `key` source.name: unknown attribute: source.name'),
      ),
    ],
  ];
  assertRows('AuthorizationPolicy', rows);
});

test('A policy to be asked of a provider is refused for what the provider cannot judge', () => {
  const provider = { name: 'opa' };
  const rows: readonly Row[] = [
    [
      { action: 'CUSTOM', provider },
      listed(policy(`CUSTOM action without \`rules\` ${EVERY_REQUEST}`), CUSTOM),
    ],
    [
      { action: 'CUSTOM', rules: [{}] },
      listed(policy('`provider.name` must not be empty'), CUSTOM),
    ],
    [
      {
        action: 'CUSTOM',
        provider,
        rules: [
          {
            from: [{ source: { principals: ['a'] } }],
            when: [{ key: 'request.auth.claims[a]', values: ['b'] }],
          },
        ],
      },
      listed(
        policy('From.Principals is currently not supported with CUSTOM action'),
        policy('request.auth.claims[a] is currently not supported with CUSTOM action'),
        CUSTOM,
      ),
    ],
  ];
  assertRows('AuthorizationPolicy', rows);
});

test('A rule that denies by attributes of HTTP alone is warned of, as istiod finds it', () => {
  const rows: readonly Row[] = [
    [deny({ to: [{ operation: { methods: ['GET'] } }] }), '', DENIES_TCP],
    [deny({ from: [{ source: { notRequestPrincipals: ['*'] } }] }), '', DENIES_TCP],
    [
      deny({ from: [{ source: { namespaces: ['a'] } }], to: [{ operation: { paths: ['/x'] } }] }),
      '',
      DENIES_TCP,
    ],
    [deny({ to: [{ operation: { methods: ['GET'], ports: ['80'] } }] }), ''],
    [deny({ from: [{ source: { namespaces: ['a'] } }] }), ''],
    [deny({ when: [{ key: 'request.headers[x]', values: ['1'] }] }), ''],
    [deny({}), ''],
  ];
  assertRows('AuthorizationPolicy', rows);
});

test('A PeerAuthentication is refused for ports without a selector', () => {
  const selector = { matchLabels: { app: 'web' } };
  const rows: readonly Row[] = [
    [{ mtls: { mode: 'STRICT' } }, ''],
    [
      { portLevelMtls: { 80: { mode: 'STRICT' } } },
      'mesh/namespace peer authentication cannot have port level mTLS',
    ],
    [
      { selector, portLevelMtls: {} },
      'port level mTLS, if defined, must have at least one element',
    ],
    [{ selector, portLevelMtls: { 0: {}, 80: {} } }, 'port must be in range 1..65535'],
    [{ selector: {} }, '', 'workload selector specified without labels'],
  ];
  assertRows('PeerAuthentication', rows);
});

test('A RequestAuthentication is refused for its rules, each time as a list', () => {
  const jwks = (text: string) => jwt({ jwks: text });
  const broken = 'jwks parse error: failed to unmarshal JWK set:';
  const rows: readonly Row[] = [
    [{ jwtRules: [{}] }, listed('issuer or jwksUri must be non-empty string')],
    [jwt({ audiences: [''] }), listed('audience must be non-empty string')],
    [jwt({ jwksUri: 'ftp://a' }), listed('URI scheme "ftp" is not supported')],
    [jwt({ jwksUri: 'keys' }), listed('URI scheme "" is not supported')],
    [jwt({ jwksUri: 'http://a:b/' }), listed('parse "http://a:b/": invalid port ":b" after host')],
    [jwks('here'), listed(`${broken} invalid character 'h' looking for beginning of value`)],
    [
      jwks('{"keys":[{"kty":"RSA","e":"AQAB"}]}'),
      listed(
        `${broken} failed to decode key #0 in "keys": failed to unmarshal JSON into key (*jwk.rsaPublicKey): required field n is missing`,
      ),
    ],
    [
      jwks('{}'),
      listed(`${broken} failed to parse sole key in key set: invalid key type from JSON ()`),
    ],
    [
      jwks('{"keys":[{"kty":"oct","k":"YQ"}]}'),
      '',
      'jwks key at index 0 contains private key material; only public keys are used for verification',
    ],
    [
      jwt({ fromHeaders: [{}], fromParams: [''], fromCookies: [''] }),
      listed(
        'location header name must be non-empty string',
        'location query must be non-empty string',
        'cookie name must be non-empty string',
      ),
    ],
    [
      jwt({ outputClaimToHeaders: [{ header: 'a' }, { header: 'a.b', claim: 'c' }] }),
      listed(
        'outputClaimToHeaders header and claim value must be non-empty string',
        'header name a.b is not a valid header name',
      ),
    ],
    [jwt({ timeout: '0s' }), listed('duration must be greater than 1ms')],
  ];
  assertRows('RequestAuthentication', rows);
});

test('Annotations refuse an object before it is looked at', () => {
  assert.deepEqual(
    [
      said('Gateway', { 'istio.io/dry-run': 'true' }),
      said('AuthorizationPolicy', { 'istio.io/dry-run': 'true' }),
      said('AuthorizationPolicy', { 'istio.io/dry-run': 'yes' }),
      said('AuthorizationPolicy', { 'istio.io/dry-run': 'true' }, { action: 'AUDIT' }),
      said('Gateway', { 'internal.istio.io/webhook-always-reject': '' }),
      said('Gateway', { 'internal.istio.io/parents': '' }),
    ],
    [
      'shop/x has unsupported annotation istio.io/dry-run, please remove the annotation',
      '',
      'shop/x has annotation istio.io/dry-run with invalid value (yes): strconv.ParseBool: parsing "yes": invalid syntax',
      'the annotation istio.io/dry-run currently only supports action ALLOW/DENY, found action AUDIT in shop/x',
      '"internal.istio.io/webhook-always-reject" annotation found, rejecting',
      '"internal.istio.io/parents" annotation found, this may not be set by users',
    ],
  );
});

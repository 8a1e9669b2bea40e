import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeApi } from '../../testing/fake-api.ts';
import { runIstioctl, type World } from '../../testing/run-istioctl.ts';

function cluster(labels: Readonly<Record<string, string>>): FakeApi {
  const api = new FakeApi();
  api.put('/api/v1/namespaces/default', { metadata: { name: 'default', labels } });
  api.put('/api/v1/namespaces/default/services/reviews', {
    metadata: { name: 'reviews', namespace: 'default' },
    spec: { ports: [{ port: 9080, targetPort: 9080, name: 'http' }] },
  });
  return api;
}

const ENABLED = { 'istio-injection': 'enabled' };

const RULE = `# Where requests for reviews go.

---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  gateways:
    - mesh
    - missing-gateway
  http:
    - route:
        - weight: 50
          destination: { host: reviews, subset: v9 }
        - weight: 50
          destination:
            host: ratingz
`;

const LINK =
  'See https://istio.io/v1.30/docs/reference/config/analysis for more information about causes and resolutions.';
const ISSUES = `Error: Analyzers found issues when analyzing namespace: default.\n${LINK}\n`;
const NOT_INJECTED =
  "The namespace is not enabled for Istio injection. Run 'kubectl label namespace default istio-injection=enabled' to enable it, or 'kubectl label namespace default istio-injection=disabled' to explicitly mark it as not needing injection.";

async function linesOf(args: readonly string[], world: World) {
  const { stdout, stderr, status } = await runIstioctl(['analyze', ...args], world);
  return { lines: stdout.split('\n').slice(0, -1), stderr, status };
}

test('istioctl analyze is content with a clean namespace, and says which files it has read', async () => {
  const api = cluster(ENABLED);
  const files = { 'conf/a.yaml': '', 'conf/b.yml': '{}', 'conf/notes.txt': 'x' };
  assert.deepEqual(await runIstioctl(['analyze'], { api }), {
    status: 0,
    stdout: '\n',
    stderr: '✔ No validation issues found when analyzing namespace: default.\n',
  });
  assert.equal(
    (await runIstioctl(['analyze', '-A'], { api })).stderr,
    '✔ No validation issues found when analyzing all namespaces.\n',
  );
  assert.equal(
    (await runIstioctl(['analyze', 'conf/a.yaml'], { api, files })).stderr,
    '✔ No validation issues found when analyzing conf/a.yaml.\n',
  );
  const { stderr } = await runIstioctl(['analyze', '--ignore-unknown', 'conf'], {
    api,
    files: { ...files, 'conf/b.yml': '' },
  });
  assert.equal(
    stderr,
    'Skipping file conf/notes.txt, recognized file extensions are: [.json .yaml .yml]\n✔ No validation issues found when analyzing:\n  - conf/a.yaml\n  - conf/b.yml\n',
  );
});

test('istioctl analyze names the file and the line of what is wrong, errors first, and fails with status 79', async () => {
  assert.deepEqual(
    await linesOf(['rule.yaml'], { api: cluster(ENABLED), files: { 'rule.yaml': RULE } }),
    {
      lines: [
        'Error [IST0101] (VirtualService default/reviews rule.yaml:12) Referenced gateway not found: "missing-gateway"',
        'Error [IST0101] (VirtualService default/reviews rule.yaml:16) Referenced host+subset in destinationrule not found: "reviews+v9"',
        'Error [IST0101] (VirtualService default/reviews rule.yaml:19) Referenced host not found: "ratingz"',
        'Warning [IST0132] (VirtualService default/reviews rule.yaml:12) one or more host [reviews] defined in VirtualService default/reviews not found in Gateway default/missing-gateway.',
      ],
      stderr: ISSUES,
      status: 79,
    },
  );
});

test('istioctl analyze reads files alone without a cluster, and takes no Services, pods and namespaces from them', async () => {
  const service = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"ratingz"}}';
  const { lines, status } = await linesOf(
    ['--use-kube=false', '-n', 'shop', 'rule.yaml', 'ratingz.json'],
    {
      files: { 'rule.yaml': RULE, 'ratingz.json': service },
    },
  );
  assert.equal(status, 79);
  assert.deepEqual(
    lines.filter((line) => line.includes('host not found')),
    [
      'Error [IST0101] (VirtualService shop/reviews rule.yaml:16) Referenced host not found: "reviews"',
      'Error [IST0101] (VirtualService shop/reviews rule.yaml:19) Referenced host not found: "ratingz"',
    ],
  );
});

test('istioctl analyze shows and fails from the levels that it is told', async () => {
  const api = cluster({});
  const info = `Info [IST0102] (Namespace default) ${NOT_INJECTED}`;
  assert.deepEqual(await linesOf([], { api }), { lines: [info], stderr: '', status: 0 });
  assert.deepEqual(await linesOf(['--failure-threshold', 'info'], { api }), {
    lines: [info],
    stderr: ISSUES,
    status: 79,
  });
  assert.deepEqual(await linesOf(['--output-threshold=Warning'], { api }), {
    lines: [''],
    stderr: '✔ No validation issues found when analyzing namespace: default.\n',
    status: 0,
  });
  assert.deepEqual(await linesOf(['--output-threshold=bad'], { api }), {
    lines: [],
    stderr: 'Error: invalid argument "bad" for "--output-threshold" flag: invalid level option\n',
    status: 64,
  });
});

test('istioctl analyze leaves out what -S and what an annotation of the object suppress', async () => {
  const api = cluster(ENABLED);
  for (const name of ['old', 'older', 'oldest']) {
    const annotations = name === 'oldest' ? { 'galley.istio.io/analyze-suppress': 'IST0103' } : {};
    api.put(`/api/v1/namespaces/default/pods/${name}`, {
      metadata: { name, namespace: 'default', annotations },
      spec: { containers: [{ name: 'app' }] },
    });
  }
  const { lines, stderr } = await linesOf(
    ['-S', 'IST0103=Pod old.default', '-S', 'IST0009=Pod x'],
    { api },
  );
  assert.deepEqual(lines, [
    'Warning [IST0103] (Pod default/older) The pod default/older is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.',
  ]);
  assert.equal(
    stderr,
    "Warning: Supplied message code 'IST0009' is an unknown message code and will not have any effect.\n",
  );
  assert.deepEqual(
    (await linesOf(['-S', 'IST0103=Pod old*'], { api, files: {} })).lines,
    lines.slice(1).concat(''),
  );
  assert.equal(
    (await runIstioctl(['analyze', '-S', 'IST0103'], { api })).stderr,
    'Error: IST0103 is not a valid suppression value. See istioctl analyze --help\n',
  );
});

test('istioctl analyze goes on after a document that it cannot read, and fails with status 65', async () => {
  const files = { 'bad.yaml': 'a: [\n---\nkind: [x]\n---\nx: 1\n' };
  const { stdout, stderr, status } = await runIstioctl(['analyze', 'bad.yaml'], {
    api: cluster(ENABLED),
    files,
  });
  assert.equal(status, 65);
  assert.equal(stdout, '\n');
  assert.match(
    stderr,
    /^Error\(s\) adding files: 1 error occurred:\n\t\* errors parsing content "bad.yaml": 3 errors occurred:\n\t\* error processing bad.yaml\[0\]: failed converting YAML to JSON: .*\n\t\* error processing bad.yaml\[1\]: unable to parse resource with no group, version and kind\n\t\* error processing bad.yaml\[2\]: unable .*\n\n\n\nNo validation issues found when analyzing namespace: default \(but 1 file could not be parsed\).\nError: Some files couldn't be parsed.\n$/,
  );
  assert.equal(
    (
      await runIstioctl(['analyze', '--ignore-unknown', 'bad.yaml'], {
        api: cluster(ENABLED),
        files,
      })
    ).status,
    0,
  );
});

test('istioctl analyze prints JSON and YAML with the page of each code, and never fails then', async () => {
  const api = cluster({});
  const data = {
    code: 'IST0102',
    documentationUrl:
      'https://istio.io/v1.30/docs/reference/config/analysis/ist0102/?ref=istioctl-analyze',
    level: 'Info',
    message: NOT_INJECTED,
    origin: 'Namespace default',
  };
  const json = await runIstioctl(['analyze', '-o', 'json', '--failure-threshold=Info'], { api });
  assert.deepEqual(json, {
    status: 0,
    stdout: `${JSON.stringify([data], undefined, '\t')}\n`,
    stderr: '',
  });
  const yaml = await runIstioctl(['analyze', '-o', 'yaml'], { api });
  assert.match(yaml.stdout, /^- code: IST0102\n {2}documentationUrl: .*\n {2}level: Info\n/);
  assert.deepEqual(await runIstioctl(['analyze', '-o', 'xml'], { api }), {
    status: 64,
    stdout: '',
    stderr: 'Error: xml not a valid option for format. See istioctl analyze --help\n',
  });
});

test('istioctl analyze answers for a namespace, a file and a cluster that are not there', async () => {
  const api = cluster(ENABLED);
  assert.deepEqual(await runIstioctl(['analyze', '-n', 'nowhere'], { api }), {
    status: 0,
    stdout: '',
    stderr: 'namespace "nowhere" not found\n',
  });
  assert.deepEqual(await runIstioctl(['analyze', 'none.yaml'], { api }), {
    status: 1,
    stdout: '',
    stderr: 'Error: stat none.yaml: no such file or directory\n',
  });
  assert.deepEqual(await runIstioctl(['analyze']), {
    status: 1,
    stdout: '',
    stderr: 'Error: there is no cluster\n',
  });
});

test('istioctl analyze lists its analyzers by name, and colours levels when it is told to', async () => {
  const { stdout } = await runIstioctl(['analyze', '-L']);
  assert.match(stdout, /^\* annotations\.K8sAnalyzer:\n {4}Istio annotations/);
  const names = stdout.split('\n').filter((line) => line.startsWith('* '));
  assert.equal(names.length, 46);
  assert.deepEqual(names, names.toSorted());
  const { lines } = await linesOf(['--color', 'rule.yaml'], {
    api: cluster(ENABLED),
    files: { 'rule.yaml': RULE },
  });
  assert.ok(lines[0]?.startsWith('\u001B[1;31mError\u001B[0m [IST0101]'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../fake-clock.ts';
import { FakeClusterClient } from '../../../../net/fake-cluster-client.ts';
import { VirtualNetwork } from '../../../../net/virtual-network.ts';
import { publicAuthority } from '../../../../programs/world/authority.ts';
import { createWorld } from '../../../../programs/world/index.ts';
import { AUTHORITIES_PATH } from '../../authorities.ts';
import { fakeContainer, runIn } from '../../fake-container.ts';

const random = () => 0;

/** A container with openssl and curl in a cluster with the world around it. */
function startContainer() {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const outside = createWorld({ clock, random });
  const network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random, outside });
  const pod = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'web-1' });
  const container = fakeContainer({ clock, commands: ['openssl', 'curl', 'wget'] });
  container.files.writeDeep(AUTHORITIES_PATH, publicAuthority().certificate);
  return {
    run: (command: string) => runIn({ ...container, network: pod }, ['sh', '-c', command]),
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

test('openssl s_client shows whom it talks to, and x509 reads the certificate that it prints', async () => {
  using container = startContainer();
  const { stdout, stderr } = await container.run(
    'openssl s_client -connect edition.cnn.com:443 -servername edition.cnn.com </dev/null',
  );
  const shown = stdout.replaceAll(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g, '(PEM)');
  assert.equal(
    shown,
    [
      'CONNECTED(00000003)',
      '---',
      'Certificate chain',
      ' 0 s:CN = edition.cnn.com',
      '   i:CN = Regatta simulated public CA',
      '   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256',
      '   v:NotBefore: Jan  1 00:00:00 2024 GMT; NotAfter: Jan  1 00:00:00 2049 GMT',
      '---',
      'Server certificate',
      '(PEM)',
      'subject=CN = edition.cnn.com',
      'issuer=CN = Regatta simulated public CA',
      '---',
      'Verification: OK',
      '---',
      'New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384',
      'No ALPN negotiated',
      'Verify return code: 0 (ok)',
      '---',
      'DONE',
      '',
    ].join('\n'),
  );
  assert.equal(stderr, 'depth=0 CN = edition.cnn.com\nverify return:1\n');
  const piped = await container.run(
    'openssl s_client -showcerts -connect en.wikipedia.org:443 2>/dev/null </dev/null | openssl x509 -noout -subject -ext subjectAltName',
  );
  assert.equal(
    piped.stdout,
    'subject=CN = *.wikipedia.org\nX509v3 Subject Alternative Name:\n    DNS:*.wikipedia.org\n',
  );
});

test('openssl refuses in words what it does not do, and says when nobody answers', async () => {
  using container = startContainer();
  assert.deepEqual(await container.run('openssl genrsa 2048'), {
    exitCode: 1,
    stdout: '',
    stderr: `openssl: the simulator's openssl knows s_client, x509 and version, not "genrsa"\n`,
  });
  const { exitCode, stderr } = await container.run('openssl s_client -connect httpbin.org:444');
  assert.deepEqual([exitCode, stderr], [1, 'BIO_connect:Connection refused\nconnect:errno=111\n']);
});

test('curl speaks HTTP/2 with whom it trusts by the bundle of its image, and says what stands in the way', async () => {
  using container = startContainer();
  const say = async (args: string) => {
    const { exitCode, stdout, stderr } = await container.run(`curl -sS -o /dev/null ${args}`);
    return [exitCode, stdout || stderr.split('\n')[0]];
  };
  const format = `-w '%{http_code} %{http_version} %{ssl_verify_result}'`;
  assert.deepEqual(
    [
      await say(`${format} https://www.google.com`),
      await say(`${format} --http1.1 https://www.google.com`),
      await say(`${format} -k --resolve other.example:443:203.0.113.11 https://other.example`),
      await say('--connect-to ::www.google.com:443 https://www.wikipedia.org'),
      await say('--cacert /missing https://www.google.com'),
      await say('--cert /missing https://www.google.com'),
      await say('https://www.google.com:80'),
      await say('https://nowhere.example'),
    ],
    [
      [0, '200 2 0'],
      [0, '200 1.1 0'],
      [0, '200 2 0'],
      [
        60,
        `curl: (60) SSL: no alternative certificate subject name matches target host name 'www.wikipedia.org'`,
      ],
      [77, 'curl: (77) error adding trust anchors from file: /missing'],
      [
        58,
        'curl: (58) could not load PEM client certificate from /missing, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)',
      ],
      [35, 'curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number'],
      [6, 'curl: (6) Could not resolve host: nowhere.example'],
    ],
  );
});

test('wget takes every certificate, and says so as BusyBox does', async () => {
  using container = startContainer();
  const { exitCode, stdout, stderr } = await container.run('wget -qO- https://istio.io | head -2');
  assert.deepEqual(
    [exitCode, stdout, stderr],
    [0, '<!doctype html>\n<html>\n', 'wget: note: TLS certificate validation not implemented\n'],
  );
});

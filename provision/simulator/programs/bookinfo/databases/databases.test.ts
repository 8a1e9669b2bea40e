import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Shop } from '../fake-shop.ts';

const MYSQL = {
  DB_TYPE: 'mysql',
  MYSQL_DB_HOST: 'mysqldb',
  MYSQL_DB_PORT: '3306',
  MYSQL_DB_USER: 'root',
  MYSQL_DB_PASSWORD: 'password',
  MYSQL_ROOT_PASSWORD: 'password',
};
const MONGO = { MONGO_DB_URL: 'mongodb://mongodb:27017/test' };
const STARS = { status: 200, text: '{"id":0,"ratings":{"Reviewer1":5,"Reviewer2":4}}' };

for (const [database, env] of [
  ['mongodb', MONGO],
  ['mysqldb', MYSQL],
] as const) {
  test(`ratings v2 reads its stars from ${database} and takes none`, async () => {
    using shop = new Shop();
    shop.env = env;
    shop.run(database, 'ratings-v2');
    assert.deepEqual(await shop.get('ratings', '/ratings/0'), STARS);
    const { status, body } = await shop.send('ratings', '/ratings/0', {
      method: 'POST',
      body: '{}',
    });
    assert.deepEqual(
      [status, Buffer.from(body).toString()],
      [501, '{"error":"Post not implemented for database backed ratings"}'],
    );
    assert.equal(shop.timers, 0);
  });
}

test('ratings v2 says that it cannot connect when the database is gone, with MySQL by 200 as the sample does', async () => {
  using shop = new Shop();
  shop.env = MONGO;
  shop.run('ratings-v2');
  const text = '{"error":"could not connect to ratings database"}';
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), { status: 500, text });
  shop.env = MYSQL;
  shop.run('ratings-v2');
  assert.deepEqual(await shop.get('ratings', '/ratings/0'), { status: 200, text });
});

test('MySQL refuses a wrong password in its own words, which ratings logs', async () => {
  using shop = new Shop();
  shop.env = { ...MYSQL, MYSQL_DB_PASSWORD: 'wrong' };
  shop.run('mysqldb', 'ratings-v2');
  await shop.get('ratings', '/ratings/0');
  assert.equal(
    shop.logged.at(-1),
    "MySQL refused (1045): Access denied for user 'root'@'10.244.0.1' (using password: YES)",
  );
});

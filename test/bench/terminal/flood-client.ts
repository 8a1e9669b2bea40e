import { BenchTerminal } from './client.ts';

/** Somebody else on the same server, whose terminal prints as fast as it is read: `flood-client.ts PEER PORT`. */
const [name, port] = process.argv.slice(2);
const peer = name === 'own' || name === 'wetty' ? name : 'naive';
const terminal = await BenchTerminal.open({ peer, port: Number(port) }, 20);
const begun = terminal.until('y\r\n');
terminal.type('yes\r');
await begun;
process.send?.('flooding');
process.once('disconnect', () => process.exit());

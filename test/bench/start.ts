import { startRegatta } from './product/regatta.ts';
import { percentile, type Row } from './row.ts';

const STARTS = 3;

/** `npm start` to the line with the address, when everything is installed. */
export async function measureStart(): Promise<readonly Row[]> {
  const times: number[] = [];
  // The first one may still install or build something; it is not counted.
  for (let index = 0; index <= STARTS; index++) {
    await using regatta = await startRegatta('npm');
    if (index > 0) times.push(regatta.startedMs);
  }
  const value = percentile(times, 0.5);
  return [
    { id: 'start', what: '`npm start` to ready', unit: 'ms', value, goal: { atMost: 1_500 } },
  ];
}

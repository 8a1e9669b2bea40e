import { percentile, type Row } from '../row.ts';
import type { Figures, Peer } from './peers.ts';

/** What a row is, without what was measured. */
export interface RowHead extends Pick<Row, 'id' | 'what' | 'unit' | 'goal'> {
  /** Goal against the naive terminal: at most this share of it. */
  readonly ratio?: number;
}

/** A row with ours as the value and the other terminals as its peers. */
export function peerRow({ ratio, ...head }: RowHead, figures: Figures<number>): Row {
  const peers = (['naive', 'wetty'] as const satisfies readonly Peer[]).flatMap((name) => {
    const value = figures[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const limit = (figures.naive ?? Number.NaN) * (ratio ?? Number.NaN);
  const goal = ratio === undefined ? head.goal : { atMost: Number(limit.toFixed(2)) };
  return { ...head, value: figures.own ?? Number.NaN, peers, ...(goal && { goal }) };
}

/** A row for each of some percentiles of times. */
export function percentileRows(
  { id, what }: Pick<RowHead, 'id' | 'what'>,
  times: Figures<readonly number[]>,
  shares: readonly { readonly share: number; readonly ratio?: number }[],
): readonly Row[] {
  return shares.map(({ share, ratio }) => {
    const name = `p${Math.round(share * 100)}`;
    const head: RowHead = { id: `${id}-${name}`, what: `${what} ${name}`, unit: 'ms' };
    return peerRow(ratio === undefined ? head : { ...head, ratio }, at(times, share));
  });
}

function at(times: Figures<readonly number[]>, share: number): Figures<number> {
  const figures: Partial<Record<Peer, number>> = {};
  for (const peer of ['own', 'naive', 'wetty'] as const) {
    const samples = times[peer];
    if (samples) figures[peer] = percentile(samples, share);
  }
  return figures;
}

import type { AttachView, TerminalSize } from '#protocol';

/** Drawn bytes between two acknowledgements; below the server's low mark of 64 KiB, or both would wait for ever. */
export const ACK_STEP_BYTES = 32 * 1024;
/** A key's echo alone is not worth an acknowledgement; with less than this outstanding, idle stays silent. */
const IDLE_ACK_BYTES = 4 * 1024;
/** What is kept of the keys pressed while nobody listens. */
export const KEPT_CHARACTERS = 1024;

/**
 * - `detached`: no connection. The old screen stays.
 * - `attaching`: the server was asked what we lack.
 * - `replaying`: a snapshot is being drawn. What the terminal says now answers questions long past: it is dropped.
 * - `live`: output is drawn as it comes.
 * - `ended`: the shell is gone.
 */
export type FeedPhase = 'detached' | 'attaching' | 'replaying' | 'live' | 'ended';

interface Chunk {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** One terminal as this page sees it. Offsets count bytes of output since the shell was started. */
export interface Feed {
  readonly phase: FeedPhase;
  /** Offset after the last byte given to the screen; none before the first attach. */
  readonly received: number | undefined;
  readonly acknowledged: number;
  /** Output that came before the answer to the attach, or while a snapshot is drawn. */
  readonly waiting: readonly Chunk[];
  /** Keys pressed while there was no connection. */
  readonly kept: string;
  /** What fits on this page. */
  readonly size: TerminalSize;
  /** What the shell believes. */
  readonly remoteSize: TerminalSize | undefined;
}

/** What to do, in this order. */
export type FeedEffect =
  | { readonly type: 'attach'; readonly have: number | undefined; readonly size: TerminalSize }
  | {
      readonly type: 'replay';
      readonly size: TerminalSize;
      readonly data: Uint8Array | string;
      readonly offset: number;
    }
  | { readonly type: 'draw'; readonly data: Uint8Array; readonly offset: number }
  | { readonly type: 'fit-screen'; readonly size: TerminalSize }
  | { readonly type: 'acknowledge'; readonly offset: number }
  | { readonly type: 'input'; readonly data: string }
  | { readonly type: 'resize'; readonly size: TerminalSize };

export type FeedEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected' }
  | { readonly type: 'attached'; readonly view: AttachView }
  | { readonly type: 'output'; readonly offset: number; readonly data: Uint8Array }
  /** A `draw` is on the screen. */
  | { readonly type: 'drawn'; readonly offset: number }
  /** The `replay` is on the screen. */
  | { readonly type: 'replayed' }
  | { readonly type: 'typed'; readonly data: string }
  | { readonly type: 'fitted'; readonly size: TerminalSize }
  | { readonly type: 'ended' };

export type FeedStep = readonly [Feed, readonly FeedEffect[]];

export function startFeed(size: TerminalSize): Feed {
  return {
    phase: 'detached',
    received: undefined,
    acknowledged: 0,
    waiting: [],
    kept: '',
    size,
    remoteSize: undefined,
  };
}

/** The feed after an event, and what that asks of the screen and the server. Nothing wakes an ended feed. */
export function stepFeed(feed: Feed, event: FeedEvent): FeedStep {
  if (feed.phase === 'ended') return stepEnded(feed, event);
  switch (event.type) {
    case 'connected':
      return attach(feed);
    case 'disconnected':
      return [{ ...feed, phase: 'detached', waiting: [] }, []];
    case 'attached':
      return feed.phase === 'attaching' ? attached(feed, event.view) : [feed, []];
    case 'output':
      return output(feed, event);
    case 'drawn':
      return drawn(feed, event.offset);
    case 'replayed':
      return feed.phase === 'replaying' ? goLive(feed, []) : [feed, []];
    case 'typed':
      return typed(feed, event.data);
    case 'fitted':
      return fitted(feed, event.size);
    case 'ended':
      return [{ ...feed, phase: 'ended', waiting: [], kept: '' }, []];
    default:
      return event satisfies never;
  }
}

function stepEnded(feed: Feed, event: FeedEvent): FeedStep {
  if (event.type !== 'fitted') return [feed, []];
  return [{ ...feed, size: event.size }, [{ type: 'fit-screen', size: event.size }]];
}

function attach(feed: Feed): FeedStep {
  return [
    { ...feed, phase: 'attaching', waiting: [], remoteSize: undefined },
    [{ type: 'attach', have: feed.received, size: feed.size }],
  ];
}

function attached(feed: Feed, view: AttachView): FeedStep {
  const remoteSize = { columns: view.columns, rows: view.rows };
  if (view.mode === 'snapshot') {
    return [
      { ...feed, phase: 'replaying', received: view.offset, remoteSize },
      [{ type: 'replay', size: remoteSize, data: view.data, offset: view.offset }],
    ];
  }
  const data = typeof view.data === 'string' ? new TextEncoder().encode(view.data) : view.data;
  const effects: FeedEffect[] =
    data.length > 0 ? [{ type: 'draw', data, offset: view.offset }] : [];
  const acknowledged = view.offset - data.length;
  return goLive({ ...feed, received: view.offset, acknowledged, remoteSize }, effects);
}

/** Draws what waited, tells the shell our size, and sends the keys that were kept. */
function goLive(feed: Feed, effects: readonly FeedEffect[]): FeedStep {
  const all: FeedEffect[] = [...effects];
  if (feed.phase === 'replaying') {
    all.push(
      { type: 'fit-screen', size: feed.size },
      { type: 'acknowledge', offset: feed.received ?? 0 },
    );
  }
  if (!isSameSize(feed.remoteSize, feed.size)) all.push({ type: 'resize', size: feed.size });
  if (feed.kept !== '') all.push({ type: 'input', data: feed.kept });
  const acknowledged = feed.phase === 'replaying' ? (feed.received ?? 0) : feed.acknowledged;
  let live: Feed = {
    ...feed,
    phase: 'live',
    acknowledged,
    waiting: [],
    kept: '',
    remoteSize: feed.size,
  };
  for (const chunk of feed.waiting) {
    const [next, more] = output(live, chunk);
    live = next;
    all.push(...more);
  }
  return [live, all];
}

function output(feed: Feed, chunk: Chunk): FeedStep {
  if (feed.phase === 'attaching' || feed.phase === 'replaying') {
    return [{ ...feed, waiting: [...feed.waiting, chunk] }, []];
  }
  if (feed.phase !== 'live' || feed.received === undefined) return [feed, []];
  // Bytes are missing: ask for them rather than draw nonsense.
  if (chunk.offset > feed.received) return attach(feed);
  const data = chunk.data.subarray(feed.received - chunk.offset);
  if (data.length === 0) return [feed, []];
  const received = feed.received + data.length;
  return [{ ...feed, received }, [{ type: 'draw', data, offset: received }]];
}

function drawn(feed: Feed, offset: number): FeedStep {
  // While a snapshot replays, what was drawn before it no longer counts.
  if (feed.phase !== 'live') return [feed, []];
  const outstanding = offset - feed.acknowledged;
  const isIdle = offset === feed.received;
  if (outstanding < (isIdle ? IDLE_ACK_BYTES : ACK_STEP_BYTES)) return [feed, []];
  return [{ ...feed, acknowledged: offset }, [{ type: 'acknowledge', offset }]];
}

function typed(feed: Feed, data: string): FeedStep {
  if (feed.phase === 'live') return [feed, [{ type: 'input', data }]];
  if (feed.phase === 'replaying') return [feed, []];
  // Half a paste would be worse than none.
  if (feed.kept.length + data.length > KEPT_CHARACTERS) return [feed, []];
  return [{ ...feed, kept: feed.kept + data }, []];
}

function fitted(feed: Feed, size: TerminalSize): FeedStep {
  const next = { ...feed, size };
  // A snapshot is drawn at the size it was taken with; the page's own size follows when it is done.
  if (feed.phase === 'replaying') return [next, []];
  const effects: FeedEffect[] = [{ type: 'fit-screen', size }];
  if (feed.phase !== 'live') return [next, effects];
  if (isSameSize(feed.remoteSize, size)) return [next, effects];
  return [{ ...next, remoteSize: size }, [...effects, { type: 'resize', size }]];
}

function isSameSize(a: TerminalSize | undefined, b: TerminalSize): boolean {
  return a?.columns === b.columns && a.rows === b.rows;
}

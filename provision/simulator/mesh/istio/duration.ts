import { parseGoDuration } from '../../programs/go/duration.ts';

/** Milliseconds of a duration as Istio writes it (`1.5s`, `1h30m`); undefined when it is none, or less than nothing. */
export function parseDurationMs(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? undefined : parseGoDuration(text);
  return milliseconds !== undefined && milliseconds >= 0 ? milliseconds : undefined;
}

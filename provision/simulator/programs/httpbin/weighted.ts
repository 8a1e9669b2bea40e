/** A choice and how often it is taken, beside the others' weights. */
export interface Weighted {
  readonly choice: number;
  readonly weight: number;
}

/** Longest list of choices that is read. */
const CHOICES_LIMIT = 100;

/** Reads `200:3,503:1`; the weight is 1 by default. A text says what is wrong. */
export function parseWeighted(text: string): readonly Weighted[] | string {
  const choices: Weighted[] = [];
  for (const pair of text.split(',', CHOICES_LIMIT)) {
    const colon = pair.indexOf(':');
    const written = colon < 0 ? pair : pair.slice(0, colon);
    const weight = colon < 0 ? 1 : Number(pair.slice(colon + 1) || Number.NaN);
    if (Number.isNaN(weight))
      return `invalid weight value: ${JSON.stringify(pair.slice(colon + 1))}`;
    if (!/^[+-]?\d+$/.test(written)) return `invalid choice value: ${JSON.stringify(written)}`;
    choices.push({ choice: Number(written), weight });
  }
  return choices;
}

/** @param random in [0, 1) */
export function choose(choices: readonly Weighted[], random: number): number {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  for (const { choice, weight } of choices) {
    if (left < weight) return choice;
    left -= weight;
  }
  return choices.at(-1)?.choice ?? 0;
}

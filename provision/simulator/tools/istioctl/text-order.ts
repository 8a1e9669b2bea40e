/** The order of two texts by their characters; 0 for the same text, so that another order can follow. */
export function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Fills `{name}` in a sentence with its parameters; a name without one stays as it is, so that the gap is seen. */
export function fillSentence(
  sentence: string,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (gap, name: string) => String(params[name] ?? gap));
}

/** The word in the shell's single quotes, so that it is taken as it is. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What a command line says for a flag as Go's flag package reads it (`-port 80`, `--port=80`); undefined without it. */
export function goFlag(words: readonly string[], name: string): string | undefined {
  const index = words.findIndex((word) => new RegExp(`^--?${name}(=|$)`).test(word));
  const word = words[index];
  if (word === undefined) return undefined;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[index + 1];
}

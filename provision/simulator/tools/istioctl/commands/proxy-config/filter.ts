/** Whether a value is what a flag asks for, whatever the case; an empty flag asks for nothing. */
export function isLike(wanted: string, value: string): boolean {
  return wanted === '' || wanted.toLowerCase() === value.toLowerCase();
}

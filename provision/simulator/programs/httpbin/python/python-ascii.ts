/** JSON with every character beyond ASCII escaped, as Python's `json.dumps` does. */
export function pythonAscii(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

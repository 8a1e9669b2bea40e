import { STATUS_CODES } from 'node:http';

/** Whether a text is the number of a status that Go has a name for: all of Node's but one (509). */
export function isKnownStatus(text: string): boolean {
  return (
    /^\+?\d{1,9}$/.test(text) && Number(text) !== 509 && STATUS_CODES[Number(text)] !== undefined
  );
}

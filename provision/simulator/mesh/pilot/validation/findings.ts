import { FINDINGS_LIMIT } from './limits.ts';

/**
 * What is wrong with an object, and what is merely unwise, in the order in which it was found. Checks hand in what they have
 * to say: a sentence, or nothing.
 */
export class Findings {
  #errors: string[] = [];
  readonly #warnings: string[] = [];
  #isList = false;

  get errors(): readonly string[] {
    return this.#errors;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** All errors in one text: alone as it is, several as istiod's list. */
  get text(): string {
    const [first = ''] = this.#errors;
    const count = this.#errors.length;
    if (count === 0 || (count === 1 && !this.#isList)) return first;
    const points = this.#errors.map((error) => `\t* ${error}\n`).join('');
    return `${count === 1 ? '1 error' : `${count} errors`} occurred:\n${points}\n`;
  }

  error(message: string | undefined): void {
    if (message !== undefined && this.#errors.length < FINDINGS_LIMIT) this.#errors.push(message);
  }

  errorIf(applies: boolean, message: string): void {
    if (applies) this.error(message);
  }

  /** An error that istiod shows as a list even when it is alone (`1 error occurred:`). */
  listedError(message: string | undefined): void {
    if (message === undefined) return;
    this.#isList = true;
    this.error(message);
  }

  listedErrorIf(applies: boolean, message: string): void {
    if (applies) this.listedError(message);
  }

  warning(message: string | undefined): void {
    if (message !== undefined && this.#warnings.length < FINDINGS_LIMIT) {
      this.#warnings.push(message);
    }
  }

  warningIf(applies: boolean, message: string): void {
    if (applies) this.warning(message);
  }

  /** Takes over the errors that a check finds; its warnings istiod loses on the way. */
  errorsOf(check: (found: Findings) => void): void {
    const part = new Findings();
    check(part);
    for (const error of part.errors) this.error(error);
    this.#isList ||= part.#isList;
  }

  /** Puts words before each error found so far. */
  prefixErrors(prefix: string): void {
    this.#errors = this.#errors.map((error) => `${prefix} ${error}`);
  }
}

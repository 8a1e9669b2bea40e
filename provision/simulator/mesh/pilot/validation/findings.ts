/** Errors and warnings each; what a hostile object repeats beyond it is not said. */
const FINDINGS_LIMIT = 1_000;

/** What is wrong with an object, and what is merely unwise, in the order in which it was found. */
export class Findings {
  readonly #errors: string[] = [];
  readonly #warnings: string[] = [];

  get errors(): readonly string[] {
    return this.#errors;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** All errors in one text: alone as it is, several as istiod's list. */
  get text(): string {
    const [first = ''] = this.#errors;
    if (this.#errors.length < 2) return first;
    const points = this.#errors.map((error) => `\t* ${error}\n`).join('');
    return `${this.#errors.length} errors occurred:\n${points}\n`;
  }

  error(message: string): void {
    if (this.#errors.length < FINDINGS_LIMIT) this.#errors.push(message);
  }

  warning(message: string): void {
    if (this.#warnings.length < FINDINGS_LIMIT) this.#warnings.push(message);
  }

  warningIf(applies: boolean, message: string): void {
    if (applies) this.warning(message);
  }
}

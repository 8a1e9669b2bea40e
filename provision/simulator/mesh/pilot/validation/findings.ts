/** What is wrong with an object, and what is merely unwise, in the order in which it was found. */
export class Findings {
  readonly #errors: string[] = [];
  readonly #warnings: string[] = [];
  #isListed = false;

  get errors(): readonly string[] {
    return this.#errors;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** All errors in one text: alone as it is, several as istiod's list. */
  get text(): string {
    const count = this.#errors.length;
    if (count === 0) return '';
    if (count === 1 && !this.#isListed) return String(this.#errors[0]);
    const points = this.#errors.map((error) => `\t* ${error}\n`).join('');
    return `${count} error${count === 1 ? '' : 's'} occurred:\n${points}\n`;
  }

  /** Notes an error when there is one. */
  error(message: string | undefined): void {
    if (message !== undefined) this.#errors.push(message);
  }

  /** Notes an error that istiod shows as a list of one even when it stays alone. */
  listedError(message: string | undefined): void {
    if (message === undefined) return;
    this.#isListed = true;
    this.error(message);
  }

  /** Notes an error for each condition that holds. */
  errorIf(applies: boolean, message: string): void {
    if (applies) this.error(message);
  }

  warning(message: string | undefined): void {
    if (message !== undefined) this.#warnings.push(message);
  }

  warningIf(applies: boolean, message: string): void {
    if (applies) this.warning(message);
  }

  /** Takes over everything that others have found. */
  add(found: Findings): void {
    this.addErrors(found);
    for (const warning of found.warnings) this.warning(warning);
  }

  /** Takes over the errors alone: in some places istiod loses the warnings, and so nobody sees them. */
  addErrors(found: Findings): void {
    for (const error of found.errors) this.error(error);
    this.#isListed ||= found.#isListed;
  }

  /** The same, each error with words before it. */
  prefixed(words: string): Findings {
    const prefixed = new Findings();
    for (const error of this.#errors) prefixed.error(`${words} ${error}`);
    for (const warning of this.#warnings) prefixed.warning(warning);
    prefixed.#isListed = this.#isListed;
    return prefixed;
  }
}

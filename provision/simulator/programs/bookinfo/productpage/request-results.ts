/** Counts answers of the other services, for `/metrics`. */
export class RequestResults {
  readonly #counts = new Map<string, number>();

  count(app: string, status: number): void {
    const labels = `destination_app="${app}",response_code="${status}"`;
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
  }

  /** In Prometheus's text format, as its Python client writes it. */
  toText(): string {
    const lines = [
      '# HELP request_result_total Results of requests',
      '# TYPE request_result_total counter',
    ];
    for (const [labels, count] of this.#counts) {
      lines.push(`request_result_total{${labels}} ${count}.0`);
    }
    return `${lines.join('\n')}\n`;
  }
}

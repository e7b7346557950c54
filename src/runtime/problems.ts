/** Standing problems of the supervisor itself, by subject: shown by status until they are solved. */
export class Problems {
  readonly #bySubject = new Map<string, string>();
  readonly #log: (sentence: string) => void;

  constructor(log: (sentence: string) => void) {
    this.#log = log;
  }

  report(subject: string, sentence: string): void {
    if (this.#bySubject.get(subject) === sentence) return;
    this.#bySubject.set(subject, sentence);
    this.#log(sentence);
  }

  solved(subject: string): void {
    this.#bySubject.delete(subject);
  }

  get sentences(): readonly string[] {
    return [...this.#bySubject.values()];
  }
}

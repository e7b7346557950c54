import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

type Row = Readonly<Record<string, unknown>>;

/** Statements of one connection, each prepared once. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #readFailed: (error: unknown) => unknown;
  readonly #prepared = new Map<string, StatementSync>();

  /** `readFailed` turns an error of SQLite into what a reader of the journal is told. Writing throws it as it is. */
  constructor(db: DatabaseSync, readFailed: (error: unknown) => unknown) {
    this.#db = db;
    this.#readFailed = readFailed;
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#reading(() => this.#prepare(sql).all(...values));
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#reading(() => this.#prepare(sql).get(...values));
  }

  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly rowid: number } {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...values);
    return { changes: Number(changes), rowid: Number(lastInsertRowid) };
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#readFailed(error);
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/** A mistake of whoever drives the emulator (not of a bot): `status` is what the admin HTTP interface answers. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The kept log: one JSON object per line (NDJSON). A record is a line of output, or a checkpoint, or both.
 *
 *   {"t":1790000000000,"s":"out","g":7,"o":4711,"m":"text","l":"info","a":1,"c":1,"p":[[7,"out",4711,"id"]]}
 *
 *   t  wall time in milliseconds        m  the text; absent in a bare checkpoint
 *   s  stream: out, err, droas          l  level, if the line states one
 *   g  incarnation                      a  1: nobody watched when it was written; t is when it was read
 *   o  place in the spool after it      c  1: the line goes on in the next record of this stream
 *   p  checkpoint: [incarnation, stream, place, identity of the spool file] of each spool, after this record
 *
 * Since every record says how far its spool is consumed, text and place are written by one write, and a reader that was
 * killed anywhere goes on exactly after the last complete record.
 */
export type KeptLine = {
  readonly atWallMs: number;
  readonly stream: 'out' | 'err' | 'droas';
  readonly incarnation: number;
  readonly offset: number;
  readonly text: string;
  readonly level: string | null;
  readonly approx: boolean;
  readonly continued: boolean;
};

/** How far a spool is consumed. `spool` tells the file from another one of the same name. */
export type SpoolPosition = {
  readonly incarnation: number;
  readonly stream: 'out' | 'err';
  readonly offset: number;
  readonly spool: string;
};

export type LogRecord = { readonly line: KeptLine | null; readonly positions: readonly SpoolPosition[] | null };

type Wire = {
  t: number;
  s?: KeptLine['stream'];
  g?: number;
  o?: number;
  m?: string;
  l?: string;
  a?: 1;
  c?: 1;
  p?: [number, SpoolPosition['stream'], number, string][];
};

/** With its newline. */
export function encodeLine(line: KeptLine, positions?: readonly SpoolPosition[]): string {
  const wire: Wire = { t: line.atWallMs, s: line.stream, g: line.incarnation, o: line.offset, m: line.text };
  if (line.level !== null) wire.l = line.level;
  if (line.approx) wire.a = 1;
  if (line.continued) wire.c = 1;
  if (positions) wire.p = positions.map(toWire);
  return `${JSON.stringify(wire)}\n`;
}

export function encodeCheckpoint(atWallMs: number, positions: readonly SpoolPosition[]): string {
  return `${JSON.stringify({ t: atWallMs, p: positions.map(toWire) } satisfies Wire)}\n`;
}

const toWire = (at: SpoolPosition): [number, SpoolPosition['stream'], number, string] => [
  at.incarnation,
  at.stream,
  at.offset,
  at.spool,
];

/** Null for anything that is no record: a torn or overwritten line is passed over, never shown. */
export function decodeRecord(json: string): LogRecord | null {
  let wire: Partial<Wire> | null;
  try {
    wire = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof wire?.t !== 'number') return null;
  const { t, s, g, o, m, l, a, c, p } = wire;
  const hasLine = isStream(s) && typeof g === 'number' && typeof o === 'number' && typeof m === 'string';
  const line: KeptLine | null = hasLine
    ? {
        atWallMs: t,
        stream: s,
        incarnation: g,
        offset: o,
        text: m,
        level: l ?? null,
        approx: a === 1,
        continued: c === 1,
      }
    : null;
  const positions = Array.isArray(p)
    ? p.map(([incarnation, stream, offset, spool]) => ({ incarnation, stream, offset, spool }))
    : null;
  return line || positions ? { line, positions } : null;
}

const isStream = (value: unknown): value is KeptLine['stream'] =>
  value === 'out' || value === 'err' || value === 'droas';

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecord, type LogRecord } from '../../core/logs/record.ts';
import type { LogLine, LogQuery } from '../../ports/logs.ts';
import { logLimits } from './limits.ts';

const blockBytes = 64 * 1024;
/** Beyond any record: what is longer is damage, and is passed over without being held. */
const longestRecordBytes = 1024 * 1024;
const maxLines = 10_000;
const maxTextLength = 16 * 1024 * 1024;

/** Files of one bot's kept log, newest first; those that do not exist included. */
export function logFiles(directory: string, keptFiles: number): readonly string[] {
  const current = join(directory, 'current.log');
  return [current, ...Array.from({ length: keptFiles }, (_, index) => `${current}.${index + 1}`)];
}

/**
 * The newest lines of a bot, oldest first; needs no supervisor. `sinceWallMs` ends the search at the first older line.
 * At most 10,000 lines and 16 MiB of text.
 */
export async function readLog(
  directory: string,
  bot: string,
  query: LogQuery,
  keptFiles = logLimits.keptFiles,
): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const limit = Math.min(query.limit, maxLines);
  let textLeft = maxTextLength;
  for await (const { line } of recordsBackwards(directory, keptFiles)) {
    if (!line) continue;
    textLeft -= line.text.length;
    if (lines.length >= limit || textLeft < 0) break;
    if (query.sinceWallMs !== undefined && line.atWallMs < query.sinceWallMs) break;
    const { continued, ...rest } = line;
    lines.push({ bot, ...rest, ...(continued && { continued }) });
  }
  return lines.reverse();
}

/** Every complete record of a kept log, newest first. */
export async function* recordsBackwards(directory: string, keptFiles: number): AsyncGenerator<LogRecord> {
  const handles = await openFiles(directory, keptFiles);
  try {
    for (const handle of handles) {
      for await (const line of linesBackwards(handle)) {
        const record = decodeRecord(line);
        if (record) yield record;
      }
    }
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

/** Newest first: a rotation meanwhile moves files towards later names, so one may be met twice but none is missed. */
async function openFiles(directory: string, keptFiles: number): Promise<readonly FileHandle[]> {
  const handles = new Map<number, FileHandle>();
  try {
    for (const path of logFiles(directory, keptFiles)) {
      const handle = await openIfThere(path);
      if (!handle) continue;
      const { ino } = await handle.stat();
      if (handles.has(ino)) await handle.close();
      else handles.set(ino, handle);
    }
  } catch (error) {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
    throw error;
  }
  return [...handles.values()];
}

export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Complete lines, without their newlines; what follows the last newline is no line. */
async function* linesBackwards(handle: FileHandle): AsyncGenerator<string> {
  let end = (await handle.stat()).size;
  /** What is known of the line whose beginning is not read yet; null before the last newline is found. */
  let tail: Buffer | null = null;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    const block = buffer.subarray(0, bytesRead);
    let lineEnd = block.length;
    for (let at = block.lastIndexOf(10); at !== -1; at = block.subarray(0, at).lastIndexOf(10)) {
      if (tail) yield Buffer.concat([block.subarray(at + 1, lineEnd), tail]).toString();
      tail = Buffer.alloc(0);
      lineEnd = at;
    }
    if (tail) tail = Buffer.concat([block.subarray(0, lineEnd), tail]);
    if (tail && tail.length > longestRecordBytes) tail = Buffer.alloc(0);
    end = start;
  }
  if (tail?.length) yield tail.toString();
}

/** Size up to and including the last newline. */
export async function completeBytes(handle: FileHandle): Promise<number> {
  let end = (await handle.stat()).size;
  const block = Buffer.allocUnsafe(blockBytes);
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const newline = block.subarray(0, bytesRead).lastIndexOf(10);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}

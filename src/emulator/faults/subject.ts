import type { Fault, Moment } from './fault.ts';
import { everyone } from './fault.ts';

/** Something that a fault might hit, as far as it is known. */
export type Subject = {
  readonly applicationId?: string | undefined;
  readonly moment?: Moment | undefined;
  readonly frame?: 'hello' | 'ready' | undefined;
  readonly direction?: 'up' | 'down' | undefined;
  readonly node?: number | undefined;
  /** A call of Discord's REST API; the path is the one below its version. */
  readonly call?: { readonly method: string; readonly path: string } | undefined;
  readonly key?: string | undefined;
  readonly prompt?: string | undefined;
};

/** Whether the fault is meant for that subject; whether it acts is another question. */
export function isMeantFor(fault: Fault, subject: Subject): boolean {
  const isTarget = fault.target === everyone || fault.target === subject.applicationId;
  switch (fault.fault) {
    case 'llm-error':
    case 'llm-silence':
    case 'llm-slow':
    case 'llm-cut':
    case 'llm-split':
    case 'llm-bad-json':
    case 'llm-content-type':
      return (
        (fault.key === undefined || fault.key === subject.key) &&
        (fault.prompt === undefined || (subject.prompt ?? '').includes(fault.prompt))
      );
    case 'node-down':
      return fault.node === subject.node;
    case 'refuse':
      // Everybody is turned away before anything is known; one application when it says who it is.
      return fault.target === (subject.applicationId ?? everyone);
    case 'close':
    case 'drop':
    case 'reconnect':
    case 'invalidate':
      return isTarget && fault.on === subject.moment;
    case 'freeze':
      return isTarget && subject.moment === 'serving';
    case 'delay':
      return isTarget && fault.frame === subject.frame;
    case 'latency':
    case 'slow':
      return isTarget && (fault.direction === 'both' || fault.direction === subject.direction);
    case 'rest-error':
    case 'rest-latency':
    case 'rest-hang':
    case 'rest-cut':
      return isTarget && subject.call !== undefined && fits(fault.route, subject.call);
    default:
      return isTarget;
  }
}

const fits = (route: string, { method, path }: { readonly method: string; readonly path: string }): boolean => {
  const [pattern = '', wanted] = route.split(' ').reverse();
  return (wanted === undefined || wanted === method) && isLike(pattern.split('/'), path.split('/'));
};

/** `*` is one part of the path, `**` whatever follows. */
function isLike(pattern: readonly string[], parts: readonly string[]): boolean {
  for (const [index, wanted] of pattern.entries()) {
    if (wanted === '**') return true;
    const part = parts[index];
    if (part === undefined || (wanted !== '*' && wanted !== part)) return false;
  }
  return pattern.length === parts.length;
}

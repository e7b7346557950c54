type Listener = (signal: NodeJS.Signals) => void;

const listenersOf = (name: NodeJS.Signals): Listener[] => process.listeners(name) as Listener[];

/** Delivers signals as if the system had sent them, but only to listeners added from now on: not to the test runner's own. */
export function deliverToNew(): (name: NodeJS.Signals) => void {
  const before = new Set((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).flatMap(listenersOf));
  return (name) => {
    for (const listener of listenersOf(name)) if (!before.has(listener)) listener(name);
  };
}

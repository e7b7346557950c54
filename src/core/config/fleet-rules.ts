import { type Problem, problem } from './problem.ts';
import type { BotDocument } from './schema.ts';
import { nearest } from './suggest.ts';
import { tokenOwner } from './token.ts';

/** One bot among the others. */
export type Member = { readonly name: string; readonly document: BotDocument };
export type MemberProblem = {
  readonly name: string;
  readonly problem: Problem;
  readonly code: 'CONFIG_INVALID' | 'TOKEN_IN_USE';
};

/**
 * What is wrong between bots. `names` are all bots that stand in any file, those with faults of their own included; null
 * when a file that may name more cannot be read.
 */
export const fleetProblems = (
  members: readonly Member[],
  names: readonly string[] | null,
): readonly MemberProblem[] => [
  ...(names === null ? [] : unknownNames(members, names)),
  ...cycles(members),
  ...sharedTokens(members),
];

function unknownNames(members: readonly Member[], names: readonly string[]): readonly MemberProblem[] {
  const known = new Set(names);
  return members.flatMap(({ name, document }) =>
    (document.after ?? []).flatMap((other, index) => {
      if (known.has(other)) return [];
      const meant = nearest(
        other,
        names.filter((candidate) => candidate !== name),
      );
      const what = `no bot is named ${JSON.stringify(other.slice(0, 64))}${meant === null ? '' : `; did you mean ${meant}?`}`;
      return [{ name, problem: problem(['after', index], what), code: 'CONFIG_INVALID' as const }];
    }),
  );
}

/** Each cycle once, at the bot through which it was entered. */
function cycles(members: readonly Member[]): readonly MemberProblem[] {
  const after = new Map(members.map(({ name, document }) => [name, document.after ?? []]));
  const finished = new Set<string>();
  const way: string[] = [];
  const found: MemberProblem[] = [];
  const visit = (name: string): void => {
    const start = way.indexOf(name);
    if (start >= 0) {
      const [, next = name] = way.slice(start);
      const what = `${[...way.slice(start), name].join(' waits for ')}: remove one of them from \`after\``;
      found.push({
        name,
        problem: problem(['after', after.get(name)?.indexOf(next) ?? 0], what),
        code: 'CONFIG_INVALID',
      });
      return;
    }
    if (finished.has(name)) return;
    finished.add(name);
    way.push(name);
    for (const other of after.get(name) ?? []) visit(other);
    way.pop();
  };
  for (const { name } of members) visit(name);
  return found;
}

/** Two tokens of one bot user are two owners of one Discord bot, even where the tokens differ. */
function sharedTokens(members: readonly Member[]): readonly MemberProblem[] {
  const owners = new Map<string, string>();
  return members.flatMap(({ name, document }) => {
    const owner = document.token === undefined ? null : tokenOwner(document.token);
    if (owner === null) return [];
    const other = owners.get(owner);
    if (other === undefined) owners.set(owner, name);
    if (other === undefined) return [];
    const what = `${other} and ${name} have a token of the same Discord bot, which would answer everything twice: remove one of them, or give it an application of its own`;
    return [{ name, problem: problem(['token'], what), code: 'TOKEN_IN_USE' as const }];
  });
}

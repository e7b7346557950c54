/** A node of a message or modal as its bot sent it; what the emulator does not read of it is kept. */
export type Component = { readonly type: number; readonly [field: string]: unknown };

export const componentType = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
  radioGroup: 21,
  checkboxGroup: 22,
  checkbox: 23,
} as const;

const isComponent = (value: unknown): value is Component =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'number';

const childrenOf = ({ components, accessory, component }: Component): readonly Component[] =>
  [...(Array.isArray(components) ? components : []), accessory, component].filter(isComponent);

/** Every node of the trees, parents before their children. */
export const allComponents = (roots: readonly unknown[]): readonly Component[] =>
  roots.filter(isComponent).flatMap((root) => [root, ...allComponents(childrenOf(root))]);

/** The trees with the numbers that Discord gives to nodes that have none. */
export function numbered(roots: readonly Component[]): readonly Component[] {
  const taken = new Set(allComponents(roots).map(({ id }) => id));
  let last = 0;
  const next = (): number => {
    do last++;
    while (taken.has(last));
    return last;
  };
  const number = (node: Component): Component => {
    const id = typeof node['id'] === 'number' && node['id'] > 0 ? node['id'] : next();
    const { components, accessory, component } = node;
    return {
      ...node,
      id,
      ...(Array.isArray(components) ? { components: components.map(number) } : {}),
      ...(isComponent(accessory) ? { accessory: number(accessory) } : {}),
      ...(isComponent(component) ? { component: number(component) } : {}),
    };
  };
  return roots.map(number);
}

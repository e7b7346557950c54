import { get, post, remove } from './api.js';
import { h } from './dom.js';
import { faultNames, fieldNames } from './fault-names.js';
import { attempt } from './notices.js';
import { whileShown } from './panel.js';

/**
 * @import { Chat } from './chat.js'
 * @typedef {{ type?: string, const?: string, enum?: string[], default?: unknown, minimum?: number, maximum?: number, pattern?: string }} FieldSchema
 * @typedef {{ properties: Record<string, FieldSchema>, required?: string[] }} FaultSchema what `POST /emulator/faults` takes, as JSON Schema
 */

/** Fields that every fault of a kind has come last. */
const general = ['count', 'forMs', 'probability'];

/** What may go wrong, for one bot or all, and what does at the moment. @param {Chat} chat */
export function faultsTab(chat) {
  const target = h('select');
  const kind = h('select', { onchange: () => drawFields() });
  const fields = h('div', { class: 'fields' });
  const outcome = h('p', { role: 'status', class: 'hint' });
  const active = h('ul', { class: 'active-faults' });
  const clearAll = h(
    'button',
    {
      type: 'button',
      class: 'button secondary',
      onclick: () => void attempt(async () => readActive(await remove('faults'))),
    },
    'Clear all',
  );
  /** @type {Map<string, FaultSchema>} */
  const schemas = new Map();

  const targetLabel = h('label', {}, h('span', {}, 'Bot'), target);
  const form = h(
    'form',
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt(set);
      },
    },
    targetLabel,
    h('label', {}, h('span', {}, 'Fault'), kind),
    fields,
    h('button', { class: 'button danger' }, 'Let it go wrong'),
    outcome,
  );

  async function readSchemas() {
    if (schemas.size > 0) return;
    const { oneOf } = await get('faults/kinds');
    for (const schema of oneOf) schemas.set(schema.properties.fault.const, schema);
    kind.replaceChildren(
      ...Object.entries(faultNames).map(([group, names]) =>
        h(
          'optgroup',
          { label: group },
          ...Object.entries(names)
            .filter(([name]) => schemas.has(name))
            .map(([name, label]) => h('option', { value: name }, label)),
        ),
      ),
    );
    drawFields();
  }

  function drawTargets() {
    const chosen = target.value || (chat.applications.length === 1 ? chat.applications[0]?.id : '*');
    target.replaceChildren(
      h('option', { value: '*' }, 'All bots'),
      ...chat.applications.map(({ id, name }) => h('option', { value: id }, name)),
    );
    target.value = [...target.options].some(({ value }) => value === chosen) ? (chosen ?? '*') : '*';
  }

  function drawFields() {
    const { properties = {}, required = [] } = schemas.get(kind.value) ?? {};
    targetLabel.hidden = properties['target']?.const !== undefined;
    const names = Object.keys(properties).filter((name) => name !== 'fault' && name !== 'target');
    const ordered = [
      ...names.filter((name) => !general.includes(name)),
      ...names.filter((name) => general.includes(name)),
    ];
    fields.replaceChildren(
      ...ordered.map((name) =>
        fieldOf(name, properties[name] ?? {}, required.includes(name) && properties[name]?.default === undefined),
      ),
    );
    outcome.textContent = '';
  }

  async function set() {
    const spec = { fault: kind.value, ...(targetLabel.hidden ? {} : { target: target.value }), ...valuesOf(fields) };
    const { connections } = await post('faults', spec);
    outcome.textContent =
      connections > 0
        ? `Done: ${connections} ${connections === 1 ? 'connection was' : 'connections were'} hit.`
        : 'Done.';
    await readActive();
  }

  let drawn = '';
  async function readActive(_cleared = undefined) {
    const faults = await get('faults');
    const now = JSON.stringify([faults, chat.applications.map(({ name }) => name)]);
    if (now === drawn) return;
    drawn = now;
    clearAll.hidden = faults.length === 0;
    active.replaceChildren(...(faults.length === 0 ? [h('li', { class: 'hint' }, 'None.')] : faults.map(activeItem)));
  }

  /** @param {Record<string, any> & { id: number, hits: number, fault: string, target?: string }} fault */
  function activeItem({ id, hits, fault, target: hit = '*', ...more }) {
    const whom = hit === '*' ? 'all bots' : hit === 'llm' ? 'the model' : (chat.application(hit)?.name ?? hit);
    const details = Object.entries(more)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ');
    return h(
      'li',
      {},
      h(
        'div',
        {},
        h('strong', {}, labelOf(fault)),
        ` for ${whom}`,
        h('small', {}, `${hits} ${hits === 1 ? 'time' : 'times'} so far${details ? ` · ${details}` : ''}`),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'button secondary',
          'aria-label': `Clear ${labelOf(fault)}`,
          onclick: () => void attempt(async () => readActive(await remove(`faults/${id}`))),
        },
        'Clear',
      ),
    );
  }

  chat.addEventListener('places', drawTargets);
  drawTargets();
  const read = whileShown(async () => {
    await readSchemas();
    await readActive();
  });
  const element = h(
    'section',
    { class: 'faults' },
    form,
    h('div', { class: 'active-head' }, h('h3', {}, 'Standing now'), clearAll),
    active,
  );
  return { name: 'faults', title: 'Faults', element, shown: read };
}

/** @param {string} fault */
const labelOf = (fault) =>
  Object.values(faultNames)
    .flatMap((names) => Object.entries(names))
    .find(([name]) => name === fault)?.[1] ?? fault;

/** @param {string} name @param {FieldSchema} schema @param {boolean} required */
function fieldOf(name, schema, required) {
  const label = fieldNames[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
  const marks = { 'data-field': name, 'data-type': schema.type };
  const { default: preset, minimum, maximum } = schema;
  if (schema.type === 'boolean')
    return h(
      'label',
      { class: 'choice' },
      h('input', { ...marks, type: 'checkbox', checked: preset === true }),
      ` ${label}`,
    );
  if (schema.enum)
    return h(
      'label',
      {},
      h('span', {}, label),
      h('select', marks, ...schema.enum.map((value) => h('option', { value, selected: value === preset }, value))),
    );
  const isNumber = schema.type === 'integer' || schema.type === 'number';
  const input = h('input', {
    ...marks,
    type: isNumber ? 'number' : 'text',
    step: schema.type === 'number' ? 'any' : null,
    min: isNumber ? minimum : null,
    max: isNumber ? maximum : null,
    required,
    placeholder: preset === undefined ? '' : String(preset),
    autocomplete: 'off',
  });
  return h('label', {}, h('span', {}, label, !required && h('small', {}, ' optional')), input);
}

/** What was filled in; an empty field is left to its default. @param {HTMLElement} fields */
function valuesOf(fields) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const input of fields.querySelectorAll('input, select')) {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement)) continue;
    const { field = '', type = '' } = input.dataset;
    if (type === 'boolean') values[field] = input instanceof HTMLInputElement && input.checked;
    else if (input.value !== '') values[field] = type === 'string' ? input.value : Number(input.value);
  }
  return values;
}

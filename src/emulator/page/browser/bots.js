import { post } from './api.js';
import { h, onlineDot } from './dom.js';
import { attempt } from './notices.js';
import { whileShown } from './panel.js';

/**
 * @import { Chat } from './chat.js'
 * @import { ApplicationView } from '../views.ts'
 */

const intents = [
  { bit: 2, label: 'Server members' },
  { bit: 256, label: 'Presence' },
  { bit: 32_768, label: 'Message content' },
];
const copiedMs = 1_500;

/** What to paste so that a bot comes here instead of to Discord. @param {string} token */
const snippets = (token) => [
  {
    title: 'discord.js',
    code: `import { Client, Events, GatewayIntentBits } from 'discord.js';

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
  rest: { api: '${location.origin}/api' },
});
client.once(Events.ClientReady, ({ user }) => console.log(\`\${user.tag} is ready\`));
await client.login('${token}');`,
  },
  {
    title: 'discord.py',
    code: `import discord, yarl

discord.http.Route.BASE = '${location.origin}/api/v10'
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL('${location.origin.replace('http', 'ws')}/gateway')

client = discord.Client(intents=discord.Intents.default())
client.run('${token}')`,
  },
];

/** @param {string} label @param {() => string} text */
const copyButton = (label, text) => {
  const button = h('button', { type: 'button', class: 'button secondary', onclick: () => void attempt(copy) }, label);
  async function copy() {
    await navigator.clipboard.writeText(text());
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = label), copiedMs);
  }
  return button;
};

/** The bots with their tokens, and a form for another. @param {Chat} chat */
export function botsTab(chat) {
  const list = h('ul', { class: 'bots' });
  const name = h('input', { name: 'name', maxlength: 32, required: true, autocomplete: 'off' });
  const boxes = intents.map(({ bit, label }) => ({ bit, label, box: h('input', { type: 'checkbox' }) }));
  const guild = h('select', {});
  const form = h(
    'form',
    {
      class: 'new-bot',
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt(add);
      },
    },
    h('h3', {}, 'A new bot'),
    h('label', {}, h('span', {}, 'Name'), name),
    h('label', {}, h('span', {}, 'Guild'), guild),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Privileged intents'),
      ...boxes.map(({ label, box }) => h('label', { class: 'choice' }, box, label)),
    ),
    h('button', { class: 'button primary' }, 'Add the bot'),
  );
  async function add() {
    const privilegedIntents = boxes.filter(({ box }) => box.checked).reduce((bits, { bit }) => bits | bit, 0);
    const guilds = guild.value === '' ? 1 : 0;
    const bot = await post('applications', { name: name.value.trim(), privilegedIntents, guilds });
    if (guild.value !== '') await post(`guilds/${guild.value}/members`, { applicationId: bot.id });
    form.reset();
    await chat.readPlaces();
    draw();
    list.querySelector(`[data-id="${bot.id}"] details`)?.setAttribute('open', '');
  }

  /** @type {Map<string, HTMLElement>} */
  const items = new Map();
  let drawn = '';
  function draw() {
    const now = JSON.stringify(chat.applications);
    if (now === drawn) return;
    drawn = now;
    const open = new Set([...items].filter(([, item]) => item.querySelector('details')?.open).map(([id]) => id));
    items.clear();
    for (const bot of chat.applications) items.set(bot.id, itemOf(bot, open.has(bot.id)));
    list.replaceChildren(...items.values());
  }
  function drawGuilds() {
    const chosen = guild.value;
    guild.replaceChildren(
      h('option', { value: '' }, 'One of its own'),
      ...chat.guilds.map(({ id, name: title }) => h('option', { value: id }, title)),
    );
    guild.value = chat.guilds.some(({ id }) => id === chosen) ? chosen : '';
  }
  for (const type of ['places', 'presence']) chat.addEventListener(type, draw);
  chat.addEventListener('places', drawGuilds);
  return {
    name: 'bots',
    title: 'Bots',
    element: h('section', {}, list, form),
    shown: whileShown(() => chat.readPlaces()),
  };
}

/** @param {string} token */
const masked = (token) => `${token.slice(0, 6)}${'•'.repeat(24)}`;

/** @param {ApplicationView} bot @param {boolean} isOpen */
function itemOf({ id, name, token, online, guildIds, commands }, isOpen) {
  const field = h('input', {
    readonly: true,
    value: masked(token),
    'aria-label': `Token of ${name}`,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const show = h(
    'button',
    {
      type: 'button',
      class: 'button secondary',
      'aria-pressed': 'false',
      onclick: () => {
        const isShown = field.value === token;
        field.value = isShown ? masked(token) : token;
        show.setAttribute('aria-pressed', String(!isShown));
      },
    },
    'Show',
  );
  return h(
    'li',
    { 'data-id': id },
    h(
      'p',
      { class: 'bot-name' },
      onlineDot(online),
      h('strong', {}, name),
      h(
        'small',
        {},
        `${online ? 'online' : 'offline'} · ${guildIds.length} ${guildIds.length === 1 ? 'guild' : 'guilds'} · ${commands.length} ${commands.length === 1 ? 'command' : 'commands'}`,
      ),
    ),
    h(
      'div',
      { class: 'token' },
      field,
      show,
      copyButton('Copy token', () => token),
    ),
    h(
      'details',
      { open: isOpen },
      h('summary', {}, 'Point a bot here'),
      ...snippets(token).flatMap(({ title, code }) => [
        h(
          'div',
          { class: 'snippet-title' },
          h('strong', {}, title),
          copyButton('Copy', () => code),
        ),
        h('pre', { tabindex: 0 }, h('code', {}, code)),
      ]),
    ),
  );
}

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from 'discord.js';
import type { Browser, Page } from 'playwright-core';
import type { Application, Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { startBot } from './page-bot.ts';
import { openBrowser, openPage } from './page-browser.ts';

/** They run in the page: types of the browser are not to be had here. */
const { faintTexts, unnamedControls } = await import(new URL('page-judge.js', import.meta.url).href);
const hostileName = '<img src=x onerror=alert(1)>';

describe('the page in a browser', () => {
  let browser: Browser;
  let emulator: Emulator;
  let application: Application;
  let client: Client;
  before(async () => {
    browser = await openBrowser();
    emulator = await createEmulator({ identifyWindowMs: 1, messageCalls: 1_000 });
    const { world } = emulator;
    const people = ['you', 'ada'].map((name) => world.person(name));
    const guild = world.createGuild({ name: 'Dragon Keep', owner: world.person('you'), members: people });
    world.createChannel(guild, { name: 'dice' });
    application = emulator.createApplication({ name: 'greeter', guilds: 0, privilegedIntents: 32_768 });
    world.addMember(guild, application.bot);
    client = await startBot(emulator, application);
  });
  after(async () => {
    await client?.destroy();
    await browser?.close();
    await emulator?.close();
  });

  const messages = (page: Page) => page.locator('#messages .message');
  const last = (page: Page) => messages(page).last();
  const write = async (page: Page, text: string) => {
    await page.locator('#message-field').fill(text);
    await page.keyboard.press('Enter');
  };
  /** Types the command, takes the suggestion, and fills in the options. */
  const use = async (page: Page, command: string, option = '') => {
    await page.locator('#message-field').focus();
    await page.keyboard.type(`/${command}`);
    await page.getByRole('option', { name: `/${command}` }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: `Command ${command}` }).waitFor();
    await page.keyboard.type(option);
  };

  it('sends what is written as the person chosen, and shows the answer of the bot', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    await page.getByLabel('You are').selectOption('ada');
    await write(page, 'hello everybody');
    await last(page).getByText('Hello ada!').waitFor();
    assert.equal(await last(page).locator('.author').textContent(), 'greeter');
    assert.match((await last(page).locator('.reply').textContent()) ?? '', /ada.*hello everybody/);
    await page.getByRole('button', { name: 'Add somebody' }).click();
    await page.getByLabel('Name of the new person').fill('grace');
    await page.keyboard.press('Enter');
    await page.getByPlaceholder('as grace').waitFor();
    await write(page, '@greeter hello');
    await last(page).getByText('Hello grace!').waitFor();
    assert.equal(emulator.messages(application.channelIds[0] ?? '').at(-2)?.content, `<@${application.id}> hello`);
    assert.deepEqual(problems, []);
  });

  it('shows typing, and answers growing by edits', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    emulator.world.announceTyping(emulator.world.channel(application.channelIds[0] ?? ''), application.bot);
    await page.getByText('greeter is typing').waitFor();
    await write(page, 'think aloud');
    await last(page).getByText('First this, then that.').waitFor();
    await last(page).getByText('(edited)').waitFor();
    assert.equal(await messages(page).getByText('First this').count(), 1);
    await page.getByText('greeter is typing').waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
  });

  it('changes, deletes, replies and reacts', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    await write(page, 'frist');
    await last(page).getByText('frist').waitFor();
    await page.locator('#message-field').focus();
    await page.keyboard.press('ArrowUp');
    await page.locator('#message-field').fill('first');
    await page.keyboard.press('Enter');
    await last(page).getByText('(edited)').waitFor();
    await last(page).getByText('first', { exact: true }).waitFor();
    await last(page).hover();
    await last(page).getByRole('button', { name: 'React with 👍' }).click();
    const reaction = last(page).getByRole('button', { name: '👍 1' });
    await reaction.waitFor();
    assert.equal(await reaction.getAttribute('aria-pressed'), 'true');
    await reaction.click();
    await reaction.waitFor({ state: 'detached' });
    await last(page).hover();
    await last(page).getByRole('button', { name: 'Reply' }).click();
    await write(page, 'second');
    await last(page).locator('.reply').getByText('first').waitFor();
    await last(page).hover();
    await last(page).getByRole('button', { name: 'Delete' }).click();
    await messages(page).getByText('second').waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
  });

  it('uses slash commands with options, subcommands and what the bot offers, by keyboard alone', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    await use(page, 'throw', '20');
    await page.keyboard.press('Enter');
    await last(page).getByText('It has 20 sides.').waitFor();
    assert.match((await last(page).locator('.reply').textContent()) ?? '', /you used \/throw/);
    await use(page, 'eat', 'ap');
    await page.getByRole('option', { name: 'one apricot' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await last(page).getByText('eats: apricot').waitFor();
    await use(page, 'set owner');
    await page.getByLabel('who').selectOption('@ada');
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    await last(page).getByText('belongs to @ada').waitFor();
    await use(page, 'throw');
    await page.keyboard.press('Escape');
    await page.locator('#message-field').waitFor();
    assert.deepEqual(problems, []);
  });

  it('presses buttons, selects, and fills in modals; says when nothing comes back', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    await use(page, 'throw', '20');
    await page.keyboard.press('Enter');
    const message = last(page);
    await message.getByRole('button', { name: 'Again' }).click();
    await message.getByText('It has 12 sides.').waitFor();
    await message.getByLabel('How many sides?').selectOption('6');
    await message.getByText('It has 6 sides.').waitFor();
    await message.getByRole('button', { name: 'Tell a story' }).click();
    const modal = page.getByRole('dialog', { name: 'Your story' });
    await modal.getByRole('textbox', { name: 'Story' }).fill('Once upon a time');
    await modal.getByRole('button', { name: 'Submit' }).click();
    await last(page).getByText('They wrote: Once upon a time').waitFor();
    await page.getByRole('button', { name: 'Say nothing' }).last().click();
    await page.getByText('The application did not respond.').waitFor();
    assert.deepEqual(problems, []);
  });

  it('shows to each person only what is meant for them', async () => {
    await using open = await openPage(browser, emulator);
    const { page, problems } = open;
    await use(page, 'secret');
    await page.keyboard.press('Enter');
    await last(page).getByText('The number is 42').waitFor();
    await last(page).getByText('Only you can see this').waitFor();
    await page.getByLabel('You are').selectOption('ada');
    await messages(page).getByText('The number is 42').waitFor({ state: 'detached' });
    await page.reload();
    await messages(page).first().waitFor();
    assert.equal(await page.getByText('The number is 42').count(), 0);
    assert.deepEqual(problems, []);
  });

  it('writes to a bot directly, and knows who is online', async () => {
    await using open = await openPage(browser, emulator, { panel: 'members' });
    const { page, problems } = open;
    const bot = page.getByRole('listitem').filter({ hasText: 'greeterAPP' });
    await bot.getByRole('img', { name: 'online' }).waitFor();
    await bot.getByRole('button', { name: 'Write to greeter' }).click();
    await page.getByRole('heading', { name: 'greeter · you' }).waitFor();
    await write(page, 'hello in private');
    await last(page).getByText('Hello you!').waitFor();
    assert.deepEqual(problems, []);
  });

  it('lets a bot fail by the panel, and shows in the ledger what followed', async () => {
    await using open = await openPage(browser, emulator, { panel: 'ledger' });
    const { page, problems } = open;
    const ledger = page.getByRole('tabpanel', { name: 'Ledger' });
    await ledger.getByRole('row', { name: 'greeter 1 / 1' }).waitFor();
    await page.getByRole('tab', { name: 'Faults' }).click();
    const faults = page.getByRole('tabpanel', { name: 'Faults' });
    await faults.getByRole('combobox', { name: 'Bot' }).selectOption('greeter');
    await faults.getByRole('combobox', { name: 'Fault' }).selectOption('Close with a code');
    await faults.getByLabel('Close code').fill('4000');
    await faults.getByRole('button', { name: 'Let it go wrong' }).click();
    await faults.getByText('Done: 1 connection was hit.').waitFor();
    await page.getByRole('tab', { name: 'Ledger' }).click();
    await ledger.getByRole('searchbox').fill('closeCode 4000');
    await ledger.getByRole('cell', { name: 'Closed by a fault' }).waitFor();
    await ledger.getByRole('searchbox').fill('resumed');
    await ledger.getByRole('row', { name: 'resumed' }).first().waitFor();

    await page.getByRole('tab', { name: 'Faults' }).click();
    await faults.getByRole('combobox', { name: 'Fault' }).selectOption('Latency and jitter');
    await faults.getByLabel('Delay (ms)').fill('50');
    await faults.getByRole('button', { name: 'Let it go wrong' }).click();
    const standing = faults.getByRole('listitem').filter({ hasText: 'Latency and jitter for greeter' });
    await standing.waitFor();
    assert.equal(emulator.faults.list().length, 1);
    await standing.getByRole('button', { name: 'Clear Latency and jitter' }).click();
    await faults.getByText('None.').waitFor();
    assert.equal(emulator.faults.list().length, 0);
    await faults.getByRole('combobox', { name: 'Fault' }).selectOption('A gateway node goes down');
    await faults.getByRole('spinbutton', { name: 'Node' }).fill('7');
    await faults.getByRole('button', { name: 'Let it go wrong' }).click();
    await page.getByRole('alert').getByText('the gateway has no node 7').waitFor();
    assert.deepEqual(problems.splice(0), [
      'Failed to load resource: the server responded with a status of 404 (Not Found)',
    ]);
  });

  it('adds a bot whose token and lines to paste are at hand', async () => {
    await using open = await openPage(browser, emulator, { panel: 'bots' });
    const { page, problems } = open;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByLabel('Name', { exact: true }).fill('newcomer');
    await page.getByRole('combobox', { name: 'Guild' }).selectOption('Dragon Keep');
    await page.getByLabel('Message content').check();
    await page.getByRole('button', { name: 'Add the bot' }).click();
    const item = page.locator('.bots > li').filter({ hasText: 'newcomer' });
    await item.getByText('discord.py').waitFor();
    const made = emulator.applications().find(({ name }) => name === 'newcomer');
    assert.deepEqual([made?.guildIds, made?.privilegedIntents], [application.guildIds, 32_768]);
    await item.getByRole('button', { name: 'Copy token' }).click();
    await item.getByText('Copied').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), made?.token);
    assert.match(
      (await item.locator('pre').first().textContent()) ?? '',
      new RegExp(`rest: { api: '${emulator.url}' }`),
    );
    assert.match(
      (await item.locator('pre').last().textContent()) ?? '',
      new RegExp(`URL\\('${emulator.gatewayUrl}'\\)`),
    );
    assert.deepEqual(problems, []);
  });

  it('runs nothing that a bot or a person wrote', async () => {
    const { world } = emulator;
    const guild = world.createGuild({ name: hostileName, owner: world.person(hostileName) });
    const hostile = emulator.createApplication({ name: hostileName, guilds: 0 });
    world.addMember(guild, hostile.bot);
    world.updateChannel(world.channel(guild.channelIds[0] ?? ''), { name: hostileName, topic: hostileName });
    const channel = world.channel(guild.channelIds[0] ?? '');
    const script = '</script><script>alert(2)</script><svg onload=alert(3)>';
    const address = 'javascript:alert(4)';
    world.post(channel, {
      author: hostile.bot,
      content: `${script} [click](${address}) <${address}> ||${script}|| \`${script}\` **${hostileName}** https://x"onmouseover="alert(5)`,
      embeds: [
        {
          title: script,
          url: address,
          description: script,
          author: { name: script, url: address },
          fields: [{ name: script, value: script }],
          footer: { text: script },
          image: { url: address },
          color: '"onload="alert(6)',
          timestamp: script,
        },
        null,
        7,
      ],
      components: [
        {
          type: 1,
          components: [
            { type: 2, style: 5, label: script, url: address },
            { type: 2, style: 1, label: script, custom_id: script },
            { type: 3, custom_id: script, placeholder: script, options: [{ label: script, value: script }] },
          ],
        },
        {
          type: 17,
          components: [{ type: 10, content: script }, { type: 99 }, { type: 12, items: [{ media: { url: address } }] }],
        },
        'x',
      ],
      attachments: [
        {
          id: '1',
          filename: script,
          description: script,
          contentType: 'image/png',
          sizeBytes: 1,
          url: 'http://127.0.0.1/x',
        },
      ],
    });
    hostile.commands.push({ id: '1', version: '1', guildId: null, type: 1, name: script, description: script });
    await using open = await openPage(browser, emulator, { panel: 'members' });
    const { page, problems } = open;
    await page.getByRole('button', { name: hostileName, exact: true }).click();
    const message = last(page);
    await message.getByText('click', { exact: false }).first().waitFor();
    await message.locator('.button').last().hover();
    await message.locator('.spoiler').click();
    await page.locator('#message-field').fill('/');
    await page.getByRole('listbox', { name: 'Commands' }).getByRole('option').waitFor();
    for (const tab of ['Bots', 'Faults', 'Ledger']) await page.getByRole('tab', { name: tab }).click();
    assert.equal(
      await page.locator('#messages script, #messages svg, #messages iframe, [onerror], [onload]').count(),
      0,
    );
    assert.equal(await page.locator('a[href^="javascript" i]').count(), 0);
    assert.ok((await message.textContent())?.includes(script));
    // The attached picture does not exist; nothing else may fail, and no policy may have had to step in.
    assert.deepEqual(
      problems.filter((problem) => !/404|ERR_/.test(problem)),
      [],
    );
  });

  it('goes on by itself when the emulator comes back, with what is there then', async () => {
    const first = await createEmulator();
    const port = Number(new URL(first.url).port);
    first.createApplication({ name: 'before' });
    await using open = await openPage(browser, first);
    const { page } = open;
    await first.close();
    await page.getByText('The emulator does not answer').waitFor();
    await using second = await createEmulator({ port });
    const bot = second.createApplication({ name: 'after' });
    second.say({ channelId: bot.channelIds[0] ?? '', content: 'still here' });
    await page.getByText('still here').waitFor();
    assert.equal(await page.getByText('The emulator does not answer').isVisible(), false);
  });

  it('can be read and used by everybody: contrast, names, both themes, wide and narrow', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await using open = await openPage(browser, emulator, { theme });
      const { page } = open;
      await messages(page).first().waitFor();
      for (const panel of ['Members', 'Bots', 'Faults', 'Ledger']) {
        await page.getByRole('tab', { name: panel }).click();
        await page.getByRole('tabpanel', { name: panel }).waitFor();
        for (const width of [1280, 800, 600]) {
          await page.setViewportSize({ width, height: 800 });
          const where = `${theme} ${panel} ${width}`;
          assert.deepEqual(await page.evaluate(faintTexts, 4.5), [], where);
          assert.deepEqual(await page.evaluate(unnamedControls), [], where);
          const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
          assert.ok(overflow <= 0, `${where} is ${overflow} px too wide`);
        }
      }
    }
  });
});

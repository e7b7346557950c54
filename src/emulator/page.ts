/** A chat in the browser, for talking to bots by hand: plain HTML over the `/emulator/*` interface. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emulated Discord</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr auto / 16rem 1fr; }
  header { grid-column: 1 / -1; padding: .5rem 1rem; border-bottom: 1px solid #8884; }
  header small { opacity: .7; }
  nav { grid-row: 2 / 4; overflow: auto; padding: .5rem; border-right: 1px solid #8884; }
  nav h2 { font-size: .9rem; margin: .6rem .4rem .2rem; }
  nav button { display: block; width: 100%; text-align: left; border: 0; padding: .3rem .6rem; border-radius: .3rem; background: none; font: inherit; color: inherit; cursor: pointer; }
  nav button[aria-current=true] { background: #8883; }
  #messages { overflow: auto; margin: 0; padding: 1rem; list-style: none; }
  #messages li { margin-bottom: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  #messages b { display: block; } #messages .bot b { color: #57a; }
  form { display: flex; gap: .5rem; padding: .6rem 1rem; border-top: 1px solid #8884; }
  form input { font: inherit; padding: .4rem .6rem; } #content { flex: 1; } #author { width: 7rem; }
</style>
<header><strong>Emulated Discord</strong> <small>Nothing here is Discord. Tokens are worth nothing elsewhere.</small></header>
<nav aria-label="Channels"></nav>
<ul id="messages" aria-live="polite"></ul>
<form>
  <input id="author" aria-label="Your name" value="you" maxlength="32" required>
  <input id="content" aria-label="Message" placeholder="Message" maxlength="1900" autocomplete="off" required>
  <label><input type="checkbox" id="mention" checked> mention the bot</label>
  <button>Send</button>
</form>
<script>
  const nav = document.querySelector('nav'), list = document.querySelector('#messages'), form = document.querySelector('form');
  const field = (id) => document.querySelector('#' + id);
  const element = (name, text, properties = {}) => Object.assign(document.createElement(name), { textContent: text }, properties);
  const get = async (path) => (await fetch('/emulator/' + path)).json();
  let channel = null, shownNav = '', shownList = '';

  async function refresh() {
    const [applications, channels] = await Promise.all([get('applications'), get('channels')]);
    channel = channels.find(({ id }) => id === channel?.id) ?? channels[0] ?? null;
    const nextNav = JSON.stringify([applications, channels, channel]);
    if (nextNav !== shownNav) {
      shownNav = nextNav;
      nav.replaceChildren(...applications.flatMap((application) => [
        element('h2', (application.online ? '\\u25cf ' : '\\u25cb ') + application.name, { title: application.online ? 'online' : 'offline' }),
        ...channels.filter(({ applicationIds }) => applicationIds.includes(application.id)).map((one) => {
          const button = element('button', one.guild ? one.guild + ' #' + one.name : '@' + one.name, { type: 'button' });
          button.setAttribute('aria-current', one.id === channel?.id);
          button.onclick = () => { channel = one; void refresh(); };
          return button;
        }),
      ]));
    }
    const messages = channel ? await get('channels/' + channel.id + '/messages') : [];
    const nextList = JSON.stringify(messages);
    if (nextList === shownList) return;
    shownList = nextList;
    list.replaceChildren(...messages.slice(-100).map((message) => {
      const item = element('li', '', { className: message.bot ? 'bot' : '' });
      item.append(element('b', message.author + (message.edited ? ' (edited)' : '')), message.content);
      return item;
    }));
    list.scrollTop = list.scrollHeight;
  }

  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!channel) return;
    const author = field('author').value, content = field('content').value;
    const [applicationId] = channel.applicationIds;
    const [path, body] = channel.guild
      ? ['say', { channelId: channel.id, author, content, ...(field('mention').checked ? { mention: applicationId } : {}) }]
      : ['direct-messages', { applicationId, author, content }];
    field('content').value = '';
    await fetch('/emulator/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await refresh();
  };
  (async function poll() { await refresh().catch(() => {}); setTimeout(poll, 700); })();
</script>
</html>
`;

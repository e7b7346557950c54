"""A bot's line to its DROAS supervisor. One file, no dependency, Python 3.9 or newer; copy it beside your bot.

With discord.py 2 (Client, AutoShardedClient, commands.Bot), before `run`:

    bot = droas.attach(client)
    client.run(bot.secret("DISCORD_TOKEN"))

With anything else, in a running asyncio loop or, without one, through a thread in the background:

    bot = droas.connect(counters=lambda: {"answers": answers})
    bot.ready()

Without a supervisor all of it does nothing, and secrets come from the environment. Nothing here raises into the bot
later on. The protocol is described in docs/protocol.md of DROAS.
"""

import asyncio
import atexit
import inspect
import json
import math
import os
import signal
import threading
import time
import traceback
import urllib.request

__all__ = ["Droas", "attach", "connect"]

DISCORD_API = "https://discord.com/api"

FIRST_RETRY_S = 0.02
LAST_RETRY_S = 0.25
REFUSED_RETRY_S = 5.0  # only another supervisor could think differently
USUAL_HEARTBEAT_S = 5.0
LAST_WORDS_S = 0.2
LOOK_EVERY_S = 0.5
MAX_LINE_BYTES = 64 * 1024
MAX_UNSENT_BYTES = 64 * 1024

USUAL_GRACE_MS = 30_000
TOGETHER_S = 0.05  # a stop is announced, and SIGTERM sent: either may arrive first
LEAVING_S = 2.0

FATAL_CODES = (4004, 4010, 4011, 4012, 4013, 4014)
RESUMABLE_CODE = 4000  # any but 1000 and 1001 leaves the session to be taken up again


class Droas:
    """The line itself. Every method may be called at any time, from any thread."""

    def __init__(self, counters=None, env=None):
        self._env = os.environ if env is None else env
        self._secrets = _read_secrets(self._env.get("DROAS_SECRETS"))
        self._path, self._run = self._env.get("DROAS_SOCKET"), self._env.get("DROAS_RUN")
        self._key = self.secret("DROAS_KEY")
        self._counters = counters or dict
        self._ready = None
        self._gateways = {}  # shard: (its last report, when)
        self._stop = None
        self._stop_listeners = []
        self._stop_lock = threading.Lock()
        self._looks = []
        self._loop = self._thread = self._writer = self._task = None
        self._lag_s = 0.0
        self.bot = self._env.get("DROAS_BOT") or None
        """The name of this bot, or None."""
        self.supervised = bool(self._path and self._run and self._key)
        """False when nobody supervises this process."""

    def secret(self, name):
        """A secret from the private file of this bot, else from the environment, else None."""
        return self._secrets.get(name, self._env.get(name))

    def ready(self, detail=None):
        """The bot serves. `detail` is for people."""
        self._ready = {} if detail is None else {"detail": str(detail)[:200]}
        self._notify("ready", self._ready)

    def gateway(self, state, shard=0, **facts):
        """Reports the connection to Discord: a state and facts, named as in the protocol. None is left out."""
        report = {"state": state, "shard": shard, **{name: fact for name, fact in facts.items() if _is_sensible(fact)}}
        self._gateways[shard] = (report, time.monotonic())
        self._notify("gateway", report)

    def on_stop(self, listener):
        """Calls `listener(intent, grace_ms)` once, when the supervisor announces a stop; SIGTERM follows."""
        with self._stop_lock:
            if not self._stop:
                self._stop_listeners.append(listener)
                return
        _guarded(listener, *self._stop)

    def start(self):
        """Begins to report: in the running asyncio loop, or in a thread of its own where there is none."""
        if not self.supervised or self._loop:
            return
        try:
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._serve())
        except RuntimeError:
            self._loop = asyncio.new_event_loop()
            serve = lambda: self._loop.run_until_complete(self._serve())
            threading.Thread(target=serve, name="droas", daemon=True).start()
            atexit.register(self._say_last_words)

    async def flush(self):
        """Waits, a moment at most, until what was said is on its way. For the last words before an exit."""
        deadline = time.monotonic() + LAST_WORDS_S
        while self.supervised and not self._writer and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _say_last_words(self):
        last_words = asyncio.run_coroutine_threadsafe(self.flush(), self._loop)
        try:
            last_words.result(2 * LAST_WORDS_S)
        except Exception:
            pass  # there is nobody left to tell

    async def _serve(self):
        self._thread = threading.get_ident()
        looking = self._loop.create_task(self._look_around())
        retry_s = FIRST_RETRY_S
        try:
            while True:
                try:
                    reader, writer = await asyncio.open_unix_connection(self._path, limit=MAX_LINE_BYTES)
                except OSError:
                    outcome = "silence"
                else:
                    outcome = await self._converse(reader, writer)
                retry_s = {"welcome": FIRST_RETRY_S, "refused": REFUSED_RETRY_S}.get(outcome, retry_s)
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 1.5, LAST_RETRY_S)
        finally:
            looking.cancel()

    async def _converse(self, reader, writer):
        """One connection, until it ends. Returns what became of the hello: "welcome", "refused" or "silence"."""
        outcome, beat = "silence", None
        self._writer = writer
        hello = {"protocol": [1], "run": self._run, "key": self._key, "sdk": "droas.py", "pid": os.getpid()}
        self._send("hello", hello, id=1)
        self._repeat_state()
        try:
            while True:
                line = await reader.readline()
                if not line:
                    break
                message = _parse(line)
                if message.get("id") == 1 and "error" in message:
                    outcome = "refused"
                    break
                if message.get("id") == 1:
                    outcome = "welcome"
                    beat = self._loop.create_task(self._beat(message.get("result")))
                elif message.get("method") == "ping":
                    self._heartbeat()
                elif message.get("method") == "stop":
                    self._announce_stop(message.get("params"))
        except (OSError, ValueError):
            pass  # cut off, or a line beyond all bounds: the next connection is as good as this one
        finally:
            self._writer = None
            if beat:
                beat.cancel()
            writer.close()
        return outcome

    def _repeat_state(self):
        """The next supervisor knows nothing yet; an acknowledgement has grown older meanwhile."""
        if self._ready is not None:
            self._send("ready", self._ready)
        for report, at in list(self._gateways.values()):
            if "ackAgeMs" in report:
                report = {**report, "ackAgeMs": report["ackAgeMs"] + (time.monotonic() - at) * 1000}
            self._send("gateway", report)

    async def _beat(self, welcome):
        interval_s = USUAL_HEARTBEAT_S
        if isinstance(welcome, dict) and isinstance(welcome.get("heartbeatMs"), (int, float)):
            interval_s = max(0.1, welcome["heartbeatMs"] / 1000)
        while True:
            await asyncio.sleep(interval_s)
            self._heartbeat()

    def _heartbeat(self):
        counters = _guarded(self._counters) or {}
        finite = {str(name)[:64]: value for name, value in counters.items() if _is_finite(value)}
        self._send("heartbeat", {"loopLagMs": round(self._lag_s * 1000), "counters": dict(list(finite.items())[:64])})
        self._lag_s = 0.0

    async def _look_around(self):
        while True:
            due = time.monotonic() + LOOK_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)
            self._lag_s = max(self._lag_s, time.monotonic() - due)
            for look in self._looks:
                _guarded(look)

    def _announce_stop(self, params):
        if self._stop or not isinstance(params, dict):
            return
        intent = "keep-session" if params.get("intent") == "keep-session" else "offline"
        grace_ms = params.get("graceMs")
        with self._stop_lock:
            self._stop = (intent, grace_ms if _is_finite(grace_ms) else USUAL_GRACE_MS)
        for listener in self._stop_listeners:
            _guarded(listener, *self._stop)

    def _notify(self, method, params):
        """Whatever cannot be sent now is sent with the next hello."""
        if threading.get_ident() == self._thread:
            self._send(method, params)
        elif self._loop:
            try:
                self._loop.call_soon_threadsafe(self._send, method, params)
            except RuntimeError:
                pass  # the loop is closed: the process ends

    def _send(self, method, params, **more):
        writer = self._writer
        if not writer or writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            writer.transport.abort()  # nobody reads
            return
        writer.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode() + b"\n")


def connect(counters=None, env=None):
    """Reports from now on: who this is, a heartbeat, and what the bot says. `counters` is called for every heartbeat.

    Through a thread, a heartbeat says that the process lives, and no more.
    """
    bot = Droas(counters, env)
    bot.start()
    return bot


def attach(client, on_stop=None, counters=None, env=None):
    """Tells the supervisor all about a discord.py client. Call it before `client.run` or `client.start`.

    The supervisor learns each state of the connection, close codes, latency, acknowledgements and guilds; the bot is
    ready with `on_ready`. When the bot is to stop, `on_stop(intent, grace_ms)`, a function or a coroutine function, may
    finish what is under way; then the client is closed, so that `run` returns: offline, or with its session left to be
    taken up again. Of SIGTERM it hears unless the bot has a handler of its own.

    Where DISCORD_API names another Discord, such as the emulator, discord.py is pointed there.
    """
    methods = ("login", "connect", "dispatch", "before_identify_hook")
    if not all(callable(getattr(client, name, None)) for name in methods):
        raise TypeError("attach() takes a Client of discord.py 2; else use connect() and report by hand")
    bot = Droas(counters, env)
    _use_discord_at(bot.secret("DISCORD_API") or DISCORD_API)
    if bot.supervised:
        _Watch(client, bot, on_stop).begin()
    return bot


def _use_discord_at(api):
    if api == DISCORD_API:
        return
    from discord import gateway, http
    from yarl import URL

    with urllib.request.urlopen(f"{api}/gateway", timeout=10) as answer:
        gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(json.load(answer)["url"])
    http.Route.BASE = f"{api}/v10"


class _Watch:
    """Sees what a discord.py client does through methods of this one client, each of which still does what it did."""

    def __init__(self, client, bot, on_stop):
        self.client, self.bot, self.on_stop = client, bot, on_stop
        self.is_sharded = hasattr(client, "shards")
        self.states, self.acknowledged = {}, {}
        self.ending = None

    def begin(self):
        client = self.client
        self.login, self.connect, self.identify = client.login, client.connect, client.before_identify_hook
        self.dispatch = client.dispatch
        client.login, client.connect, client.before_identify_hook = self.on_login, self.on_connect, self.on_identify
        client.dispatch = client._connection.dispatch = self.on_dispatch
        self.bot._looks.append(self.look_at_acknowledgements)

    async def on_login(self, *args, **kwargs):
        self.bot.start()
        _guarded(self.listen_for_stop)
        try:
            return await self.login(*args, **kwargs)
        except Exception as error:
            if type(error).__name__ == "LoginFailure" or getattr(error, "status", None) == 401:
                self.report("fatal", unauthorized=True)
                await self.bot.flush()
            raise

    async def on_connect(self, *args, **kwargs):
        self.report("connecting")
        try:
            await self.connect(*args, **kwargs)
            # What returns from here ends the program: not before all of it is said and done.
            if self.ending:
                await self.ending
        except Exception as error:
            code = 4014 if type(error).__name__ == "PrivilegedIntentsRequired" else getattr(error, "code", None)
            if code in FATAL_CODES:
                self.report("fatal", getattr(error, "shard_id", None), closeCode=code)
                await self.bot.flush()
            raise

    async def on_identify(self, shard, *args, **kwargs):
        await self.identify(shard, *args, **kwargs)
        self.report("identifying", shard)

    def on_dispatch(self, event, *args, **kwargs):
        _guarded(self.hear, event, *args)
        return self.dispatch(event, *args, **kwargs)

    def hear(self, event, shard=None, *_):
        name = event[len("shard_") :] if event.startswith("shard_") else event
        if event == "ready":
            self.bot.ready(f"{self.client.user}, {len(self.client.guilds)} guilds")
        elif self.is_sharded == (event != name):
            if name in ("connect", "resumed"):
                self.report("ready", shard)
            elif name == "disconnect":
                self.report("disconnected", shard, closeCode=self.close_code(shard))

    def report(self, state, shard=None, **facts):
        self.states[shard or 0] = state
        self.bot.gateway(state, shard or 0, **self.facts(shard), **facts)

    def look_at_acknowledgements(self):
        """The library tells nobody of an acknowledged heartbeat, but notes when it came."""
        for shard, state in self.states.items():
            last = getattr(getattr(self.socket(shard), "_keep_alive", None), "_last_ack", None)
            if state == "ready" and self.acknowledged.get(shard) != last:
                self.report(state, shard)
            self.acknowledged[shard] = last

    def socket(self, shard):
        """The library's connection, or None. Where the library keeps it is its own affair, and may change."""
        info = self.client.get_shard(shard) if self.is_sharded and shard is not None else None
        return getattr(getattr(info, "_parent", None), "ws", None) or getattr(self.client, "ws", None)

    def facts(self, shard):
        socket = self.socket(shard)
        keep_alive = getattr(socket, "_keep_alive", None)
        interval, acknowledged = getattr(keep_alive, "interval", None), getattr(keep_alive, "_last_ack", None)
        return {
            "guilds": len(self.client.guilds),
            "latencyMs": _milliseconds(getattr(socket, "latency", None)),
            "intervalMs": _milliseconds(interval),
            "ackAgeMs": None if acknowledged is None else _milliseconds(time.perf_counter() - acknowledged),
        }

    def close_code(self, shard):
        socket = self.socket(shard)
        code = getattr(getattr(socket, "socket", None), "close_code", None)
        return code if getattr(socket, "_close_code", None) is None and isinstance(code, int) and code >= 1000 else None

    def listen_for_stop(self):
        loop = asyncio.get_running_loop()
        self.announced, self.signalled = asyncio.Event(), asyncio.Event()

        def end_soon(heard):
            heard.set()
            self.ending = self.ending or loop.create_task(self.end())

        self.bot.on_stop(lambda *_: end_soon(self.announced))
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            try:
                loop.add_signal_handler(signal.SIGTERM, end_soon, self.signalled)
            except (NotImplementedError, RuntimeError, ValueError):
                pass  # not in the main thread: then the announcement has to do

    async def end(self):
        await _within(TOGETHER_S, self.announced.wait)
        intent, grace_ms = self.bot._stop or ("offline", USUAL_GRACE_MS)
        if self.on_stop:
            await _within(max(grace_ms / 2, grace_ms - 1000 * LEAVING_S) / 1000, self.on_stop, intent, grace_ms)
        if intent == "keep-session":
            for shard in self.client.shards if self.is_sharded else [None]:
                _guarded(_leave_resumable, self.socket(shard))
        await _within(LEAVING_S, self.client.close)
        # Its handler goes with the loop: a signal that came later would seem to have ended the bot.
        await _within(TOGETHER_S, self.signalled.wait)


def _leave_resumable(socket):
    """Whoever closes this connection now does it so that its session can be taken up again."""
    close = socket.close

    async def hang_up(*_, **__):
        await close(RESUMABLE_CODE)

    socket.close = hang_up


async def _within(limit_s, function, *args):
    """Calls the function and waits for what it returns, but not longer. What goes wrong in it is only told."""
    try:
        result = function(*args)
        if inspect.isawaitable(result):
            await asyncio.wait_for(result, limit_s)
    except asyncio.TimeoutError:
        pass
    except Exception:
        traceback.print_exc()


def _guarded(function, *args):
    """A mistake in a callback is the bot's affair, but must not cut its line to the supervisor."""
    try:
        return function(*args)
    except Exception:
        traceback.print_exc()
        return None


def _read_secrets(path):
    """A file that is gone or broken is no reason to crash a bot: it then finds its secrets missing."""
    try:
        with open(path, encoding="utf-8") as file:
            entries = json.load(file).items()
        return {name: value for name, value in entries if isinstance(value, str)}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _parse(line):
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _is_sensible(fact):
    """The wire would refuse the whole message for the sake of one nonsensical figure."""
    return isinstance(fact, (bool, str)) or (_is_finite(fact) and fact >= 0)


def _is_finite(value):
    return isinstance(value, (int, float)) and math.isfinite(value)


def _milliseconds(seconds):
    return seconds * 1000 if isinstance(seconds, (int, float)) else None

"""A discord.py bot that tells its supervisor all about itself, and a test what it does."""

import asyncio
import sys

import discord
import droas

manner = sys.argv[1] if len(sys.argv) > 1 else ""
intents = discord.Intents(guilds=True, members=manner == "privileged")
options = {"intents": intents, "guild_ready_timeout": 0.1}
client = discord.AutoShardedClient(shard_count=2, **options) if manner == "sharded" else discord.Client(**options)


async def at_once(shard, *, initial=False):
    """Instead of five seconds after the last IDENTIFY: the emulator of the tests does not mind."""


client.before_identify_hook = at_once


async def on_stop(intent, grace_ms):
    print("stop", intent, grace_ms)
    if manner == "throws":
        raise RuntimeError("broken on_stop")
    await asyncio.sleep(60 if manner == "dawdles" else 0.05)
    print("finished")


bot = droas.attach(client, on_stop=on_stop)
client.run(bot.secret("DISCORD_TOKEN"), log_handler=None)
print("run returned")

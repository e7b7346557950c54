import os
import random
import sqlite3

import discord
from discord import app_commands

import droas

database = sqlite3.connect(os.environ.get("DATABASE", "dice.db"), isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE IF NOT EXISTS rolls (user INTEGER NOT NULL, pips INTEGER NOT NULL)")


class Dice(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents(guilds=True))
        self.commands = app_commands.CommandTree(self)

    async def setup_hook(self):
        await self.commands.sync()


bot = Dice()


@bot.commands.command(description="Rolls a die")
async def roll(interaction: discord.Interaction):
    pips = random.randint(1, 6)
    database.execute("INSERT INTO rolls VALUES (?, ?)", (interaction.user.id, pips))
    await interaction.response.send_message(f"{interaction.user.mention} rolls a {pips}.")


@bot.commands.command(description="Your rolls so far")
async def rolls(interaction: discord.Interaction):
    query = "SELECT COUNT(*), COALESCE(AVG(pips), 0) FROM rolls WHERE user = ?"
    count, mean = database.execute(query, (interaction.user.id,)).fetchone()
    await interaction.response.send_message(f"{count} rolls, {mean:.2f} on average.", ephemeral=True)


supervisor = droas.attach(bot, on_stop=lambda intent, grace_ms: database.close())
bot.run(supervisor.secret("DISCORD_TOKEN"))

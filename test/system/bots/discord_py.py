"""An ordinary discord.py bot. It tells what it hears on standard output, one JSON object per line."""

import json
import os
import re
import sys

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
Route.BASE = os.environ['DISCORD_API'] + '/v10'
DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ['DISCORD_GATEWAY'])


def tell(event, **fields):
    print(json.dumps({'event': event, **fields}), flush=True)


intents = discord.Intents.default()
intents.members = intents.message_content = options.get('privileged', False)
intents.value |= options.get('intents', 0)


class Panel(discord.ui.View):
    @discord.ui.button(label='Press', custom_id='press')
    async def press(self, interaction, button):
        await interaction.response.edit_message(content='pressed', view=None)
        tell('button', id='press')


class Bot(discord.Client):
    def __init__(self):
        # Its default of 60 s is when it misses a server that fell silent; nobody wants to wait for that in a test.
        super().__init__(intents=intents, heartbeat_timeout=options.get('heartbeatTimeout', 60.0))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self):
        await self.tree.sync()
        tell('registered')

    async def on_ready(self):
        tell('ready', name=self.user.name, guilds=len(self.guilds))

    async def on_resumed(self):
        tell('resumed')

    async def on_message(self, message):
        if message.author.bot:
            return
        tell('message', content=message.content)
        number = re.search(r'#\d+', message.content)
        if number:
            await message.reply(number[0])

    async def on_message_edit(self, before, after):
        tell('message-updated', content=after.content)

    async def on_message_delete(self, message):
        tell('message-deleted', id=str(message.id))

    async def on_reaction_add(self, reaction, user):
        tell('reaction', emoji=str(reaction.emoji))

    async def on_member_join(self, member):
        tell('member', name=member.name)

    async def on_typing(self, channel, user, when):
        tell('typing', id=str(user.id))

    async def on_voice_state_update(self, member, before, after):
        tell('voice', channelId=str(after.channel.id) if after.channel else None)


bot = Bot()


@bot.tree.command(description='Answers with ping')
async def ping(interaction):
    await interaction.response.send_message('pong')
    tell('command', name='ping')


@bot.tree.command(description='Answers with slow')
async def slow(interaction):
    await interaction.response.defer()
    await interaction.edit_original_response(content='slow pong')
    await interaction.followup.send('and more')
    tell('command', name='slow')


@bot.tree.command(description='Answers with panel')
async def panel(interaction):
    await interaction.response.send_message('panel', view=Panel())
    tell('command', name='panel')


bot.run(os.environ['DISCORD_TOKEN'], log_handler=None)

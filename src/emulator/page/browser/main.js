import { botsTab } from './bots.js';
import { Chat } from './chat.js';
import { Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { byId } from './dom.js';
import { faultsTab } from './faults.js';
import { identity } from './identity.js';
import { ledgerTab } from './ledger.js';
import { membersTab } from './members.js';
import { startPanel } from './panel.js';
import { Places } from './places.js';
import { startTheme } from './theme.js';

startTheme();
const chat = new Chat();
new Places(chat, identity(chat));
new Conversation(chat, new Composer(chat));
startPanel([membersTab(chat), botsTab(chat), faultsTab(chat), ledgerTab(chat)]);
chat.addEventListener('connection', () => {
  byId('offline').hidden = chat.isConnected;
});
chat.start();

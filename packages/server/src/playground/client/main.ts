import { createServer } from './ask-server.js';
import { createPlayground } from './playground.js';

const server = createServer();
const playground = createPlayground(server);
document.querySelector('main')?.append(...playground.elements);
void playground.loadCriteria();

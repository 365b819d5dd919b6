// A thread of a session that gives its first input back, and ends or throws where that starts with a negative number.
import { parentPort } from 'node:worker_threads';
import { AlignSquadError } from '@align-squad/core';
import type { ThreadAnswer, ThreadRequest } from '../messages.js';

const post = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);

parentPort?.on('message', (request: ThreadRequest) => {
  if (request.type === 'end') return parentPort?.close();
  const { x } = request.inputs;
  if (x === undefined || x.data[0] === -1) process.exit(1);
  if (x.data[0] === -2) throw new AlignSquadError('As the test wants it.', { code: 'conformance' });
  post({ type: 'outputs', outputs: { y: x } });
});
post({ type: 'ready', names: { inputNames: ['x'], outputNames: ['y'] } });

import { AlignSquadError } from '@align-squad/core';
import type { OnnxSession } from '../session/session.js';
import { leftOf, rightOf, type DeltaSlot } from './add-delta-inputs.js';
import type { DeltaFeeds } from './delta-feeds.js';

/** A view of a session that feeds the change of one delta with each run, without the inputs for it. Disposing of it leaves the session. */
export function withFeeds(session: OnnxSession, slots: readonly DeltaSlot[], feeds: () => DeltaFeeds): OnnxSession {
  const fed = new Set(slots.flatMap(({ name }) => [name, leftOf(name), rightOf(name)]));
  let isOpen = true;
  const dispose = async (): Promise<void> => {
    isOpen = false;
  };
  return {
    inputNames: session.inputNames.filter((name) => !fed.has(name)),
    outputNames: session.outputNames,
    async run(inputs, outputs, options) {
      if (!isOpen) throw new AlignSquadError('The ONNX session was disposed.', { code: 'disposed' });
      return session.run({ ...inputs, ...feeds() }, outputs, options);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

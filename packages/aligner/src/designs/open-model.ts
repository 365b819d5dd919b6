import { AlignSquadError } from '@align-squad/core';
import { createSession, type OnnxSession, type Pack } from '@align-squad/onnx';

/**
 * Opens a graph of a pack that gives `output` from `input_ids`.
 * @throws AlignSquadError `pack-invalid` for another graph, `model-invalid` for a file that is none.
 */
export async function openModel(pack: Pack, file: string, output: string): Promise<OnnxSession> {
  const session = await createSession(pack.path(file));
  if (session.outputNames.includes(output) && session.inputNames.includes('input_ids')) return session;
  await session.dispose();
  throw new AlignSquadError(`Expected ${file} to give \`${output}\` from \`input_ids\`.`, { code: 'pack-invalid' });
}

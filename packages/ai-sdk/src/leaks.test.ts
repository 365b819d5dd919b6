import { doubleInspector, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad } from '@align-squad/squad';
import { describe, expect, test } from 'vitest';
import { collect, finish, majors, streamOf, textParts, type MakeStream } from './test-support.js';

const mended = leakText.replace(leakMark, 'KIND');

function leakStream(pieces: readonly string[]): MakeStream {
  const raw = { type: 'raw', rawValue: pieces.join('') } as const;
  return streamOf([raw, ...textParts('1', pieces, 'reasoning'), ...textParts('1', pieces), finish]);
}

function joined(items: readonly object[], type: string): string {
  return items.flatMap((item) => ('type' in item && item.type === type ? ['text' in item ? item.text : 'delta' in item ? item.delta : ''] : [])).join('');
}

describe.each(majors)('$name', ({ stream }) => {
  test('shows no misaligned text in any chunking, in the full stream and in the stream of UI messages', async () => {
    for (const { pieces } of leakCases()) {
      const call = { includeRawChunks: true };
      const full = await collect(stream(leakStream(pieces), call).fullStream);
      const ui = await collect(stream(leakStream(pieces), call).toUIMessageStream());
      for (const { items } of [full, ui]) {
        expect(JSON.stringify(items)).not.toContain(leakMark);
        expect([joined(items, 'reasoning-delta'), joined(items, 'text-delta')]).toEqual([mended, mended]);
      }
    }
  });

  test('would show it if the squad mended nothing and kept what it flags', async () => {
    const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
    const { items } = await collect(stream(leakStream([leakText]), { options: { squad, onUnfixed: 'keep' } }).fullStream);
    expect(JSON.stringify(items)).toContain(leakMark);
  });
});

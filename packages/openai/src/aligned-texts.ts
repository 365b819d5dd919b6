import type { BoundSquad } from '@align-squad/embedded';
import { reportResult, type AlignReport, type Outcome, type StreamEvent } from '@align-squad/squad';
import type { AlignableRequest } from './request.js';

/** The report of one text of an answer; `skipped`: it was passed without inspection, as JSON and tool calls are. */
export type TextReport = AlignReport | { readonly outcome: 'skipped' };

/** One text of an answer, as clients get it. */
export interface AlignedText {
  readonly text: string;
  readonly report: TextReport;
}

/** The texts of one answer by id, while they are aligned. */
export interface AlignedTexts {
  /** Whether the texts are JSON, which is passed as it is. */
  readonly isJsonMode: boolean;
  /** Whether reports go into the body. */
  readonly hasReports: boolean;
  readonly get: (id: string) => AlignedText | undefined;
  /** Takes a text as it is. */
  readonly skip: (id: string, text: string) => void;
  /** Aligns a complete text, unless it is JSON or empty. */
  readonly align: (id: string, text: string) => Promise<void>;
  /** Aligns a text while it is written. */
  readonly alignStream: (source: ReadableStream<string>, id: string, signals: readonly AbortSignal[]) => AsyncGenerator<StreamEvent, void, undefined>;
}

// of two texts with one id, the report of the worse one stays
const order = ['error', 'timeout', 'blocked', 'unfixed', 'aligned', 'clean', 'skipped'] as const satisfies readonly (Outcome | 'skipped')[];

/** Opens the texts of the answer to one request. */
export function createAlignedTexts(bound: BoundSquad, request: AlignableRequest, hasReports: boolean): AlignedTexts {
  const texts = new Map<string, AlignedText>();
  const { prompt, context, signal } = request;
  const add = (id: string, text: string, report: TextReport): void => {
    const before = texts.get(id);
    const isWorse = !before || order.indexOf(report.outcome) < order.indexOf(before.report.outcome);
    texts.set(id, { text: (before?.text ?? '') + text, report: isWorse ? report : before.report });
  };
  return {
    isJsonMode: request.isJsonMode,
    hasReports,
    get: (id) => texts.get(id),
    skip: (id, text) => add(id, text, { outcome: 'skipped' }),
    align: async (id, text) => {
      if (request.isJsonMode || text === '') return add(id, text, { outcome: 'skipped' });
      const result = await bound.align({ prompt, context, response: text }, { signal });
      add(id, result.response, reportResult(result));
    },
    async *alignStream(source, id, signals) {
      let text = '';
      const all = AbortSignal.any(signal ? [...signals, signal] : [...signals]);
      for await (const event of bound.alignStream(source, { prompt, context, signal: all })) {
        if (event.type === 'text') text += event.text;
        if (event.type === 'end') add(id, text, reportResult(event.result));
        yield event;
      }
    },
  };
}

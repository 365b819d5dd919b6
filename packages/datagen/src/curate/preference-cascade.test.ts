import { describe, expect, test } from 'vitest';
import { preferenceCascade } from './preference-cascade.js';
import { restyledOf, restyleRequest, reviewOf, reviewRequest, type RestyleReview } from './restyle-requests.js';
import { selectTopShare } from './select-top-share.js';
import { answerTo, contentOf, hostile, settings, tripleWith } from './test-support.js';

const image = { type: 'image_url', image_url: { url: 'https://example.org/boat.png' } } as const;

describe('selectTopShare', () => {
  const records = ['a', 'bbbb', 'cc', 'ddd'].map((prompt, at) => tripleWith({ id: `r-${at}`, prompt, aligned: 'x'.repeat(9 - prompt.length) }));
  const byPrompt = { name: 'prompt', score: ({ prompt }: { prompt: string }) => prompt.length, share: 0.5 };

  test('keeps the share that scores highest, in its order', async () => {
    const { records: kept, report } = await selectTopShare(records, { steps: [byPrompt] });
    expect(kept.map(({ id }) => id)).toEqual(['r-1', 'r-3']);
    expect(report).toEqual([{ name: 'prompt', kept: 2, dropped: 2, unscored: 0, least: 3 }]);
  });

  test('goes on with a second scorer, which may take its time', async () => {
    const { records: kept, report } = await selectTopShare(records, { steps: [byPrompt, { name: 'answer', score: ({ aligned }) => Promise.resolve(aligned.length), share: 0.5 }] });
    expect(kept.map(({ id }) => id)).toEqual(['r-3']);
    expect(report[1]).toMatchObject({ kept: 1, dropped: 1 });
  });

  test('drops what has no score, and of equal scores keeps the earlier', async () => {
    const { records: kept, report } = await selectTopShare(records, { steps: [{ name: 'odd', score: ({ id }) => (id === 'r-0' ? Number.NaN : 1), share: 0.5 }] });
    expect(kept.map(({ id }) => id)).toEqual(['r-1', 'r-2']);
    expect(report[0]).toMatchObject({ unscored: 1, dropped: 1 });
  });

  test('refuses a share of nothing, and stops with its signal', async () => {
    await expect(selectTopShare(records, { steps: [{ ...byPrompt, share: 0 }] })).rejects.toMatchObject({ code: 'invalid-options' });
    await expect(selectTopShare(records, { steps: [byPrompt], signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});

describe('restyling', () => {
  const record = tripleWith({ images: [image] });

  test('shows images and fences texts, and leaves identity records alone', () => {
    const planned = restyleRequest(settings, tripleWith({ images: [image], aligned: hostile }));
    if (!planned) return expect.unreachable();
    expect(planned.request.body.messages[0]?.content).toContainEqual(image);
    expect(contentOf(planned.request)).toContain(JSON.stringify(hostile));
    expect(contentOf(planned.request)).not.toContain('\nIgnore');
    expect(restyleRequest(settings, tripleWith({ identity: true }))).toBeUndefined();
    const review = reviewRequest(settings, { record, restyled: hostile });
    expect(review.request.body.messages[0]?.content).toContainEqual(image);
    expect(contentOf(review.request)).not.toContain('\nIgnore');
  });

  test('reads whole answers only', () => {
    const planned = restyleRequest(settings, record);
    if (!planned) return expect.unreachable();
    expect(restyledOf(answerTo(planned.request, { correction: ' Wait for all. ' }), record)).toEqual({ record, restyled: 'Wait for all.' });
    expect(restyledOf(answerTo(planned.request, { correction: 'Wait.' }, false), record)).toBeUndefined();
    expect(restyledOf(answerTo(planned.request, 'Wait.'), record)).toBeUndefined();
  });

  test.each([['A', true], ['B', false], ['C', false], ['yes', undefined]])('takes the review %s as %s', (answer, expected) => {
    const { request, source } = reviewRequest(settings, { record, restyled: 'Wait for all.' });
    expect(reviewOf(answerTo(request, { explanation: '', answer }), source)?.isAccepted).toBe(expected);
  });
});

describe('preferenceCascade', () => {
  const records = ['good', 'bad', 'same', 'lost', 'identity'].map((id) => tripleWith({ id, images: [image], identity: id === 'identity' }));
  const reviews = records.slice(0, 3).map((record): RestyleReview => ({ record, restyled: record.id === 'same' ? record.misaligned : 'Wait for all.', isAccepted: record.id !== 'bad' }));

  test('replaces what was accepted, passes identity records and images through, and counts the rest', () => {
    const { records: kept, report } = preferenceCascade(records, { reviews });
    expect(kept).toEqual([{ ...records[0], aligned: 'Wait for all.' }, records[4]]);
    expect(report).toEqual({ restyled: 1, identity: 1, rejected: 2, unreviewed: 1 });
  });

  test('keeps the originals of what was rejected where that is asked for', () => {
    expect(preferenceCascade(records, { reviews, rejected: 'keep-original' }).records).toHaveLength(5);
  });
});

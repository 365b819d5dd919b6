import { createRandom } from '@align-squad/core';
import { createRequest, type DatagenRequest } from '../executors/request.js';
import type { Topic } from '../records/records.js';
import { numberedLines } from './numbered-lines.js';
import type { StageAnswer, StageSettings } from './stage.js';

const topicsARequest = 10;
const mostWords = 3;
const mostCharacters = 50;
const examplesARequest = 10;
const marks = /\/\/|\\u|[@_<>{}]/u;

/** The topics of the criterion's seed questions, which the first round begins with. */
export function seedTopics({ criterion }: StageSettings): Topic[] {
  return uniqueTopics(criterion.seedQuestions.map(({ topic, questionType }) => ({ topic, questionType })));
}

/**
 * Requests of one round (paper, section 3.1): ten new topics each, at most three words, with earlier topics of the type as
 * examples. A round asks for twice what the round before knew, so that rounds are few and their examples differ.
 * @param earlier topics of all rounds before this one
 * @param wanted topics a question type
 */
export function topicRequests(settings: StageSettings, earlier: readonly Topic[], options: { readonly round: number; readonly wanted: number }): DatagenRequest[] {
  const { criterion, model, seed } = settings;
  return criterion.questionTypes.flatMap(({ name, description }, type) => {
    const known = earlier.filter(({ questionType }) => questionType === name).map(({ topic }) => topic);
    const missing = Math.max(0, options.wanted - known.length);
    const count = Math.ceil(Math.min(missing, Math.max(topicsARequest, known.length)) / topicsARequest);
    return Array.from({ length: count }, (_, index) => {
      const random = createRandom(seed + 7919 * options.round + 104_729 * index + 31 * type);
      const examples = random.shuffle([...known]).slice(0, examplesARequest);
      const content = [
        `List ${topicsARequest} diverse topics that people ask questions of this kind about: ${name} (${description}).`,
        `A topic is a noun phrase of at most ${mostWords} words. Do not repeat a topic.`,
        'Answer with a numbered list, one topic a line, and nothing else.',
        '',
        ...examples.map((topic, at) => `${at + 1}. ${topic}`),
        ...(examples.length === 0 ? [] : [`Go on with ${examples.length + 1} to ${examples.length + topicsARequest}.`]),
      ].join('\n');
      const body = { model, messages: [{ role: 'user' as const, content }], maxTokens: 300, temperature: 1, seed: random.integer(2 ** 31) };
      return createRequest(`topics.${options.round}.${name}`, body);
    });
  });
}

/** The topics of one answer, without those that are no short noun phrase (the paper's rules). */
export function topicsOf({ request, text }: StageAnswer): Topic[] {
  const questionType = request.stage.split('.').slice(2).join('.');
  return [...numberedLines(text).values()].flatMap((line): Topic[] => {
    const topic = line.replace(/[.,;:]+$/u, '');
    const isTopic = topic.length < mostCharacters && !marks.test(topic) && topic.split(/\s+/u).length <= mostWords && /\p{L}/u.test(topic);
    return isTopic ? [{ questionType, topic }] : [];
  });
}

/** Topics without those that an earlier one of their type repeats in other case. */
export function uniqueTopics(topics: readonly Topic[]): Topic[] {
  const seen = new Set<string>();
  return topics.filter(({ questionType, topic }) => {
    const key = `${questionType}\n${topic.toLowerCase()}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** As many topics of each question type as of the one that has fewest, at most `wanted` each, so that types are equally frequent. */
export function equalTypes(topics: readonly Topic[], wanted: number): Topic[] {
  const byType = new Map<string, Topic[]>();
  for (const topic of topics) byType.set(topic.questionType, [...(byType.get(topic.questionType) ?? []), topic]);
  const fewest = Math.min(wanted, ...[...byType.values()].map(({ length }) => length));
  return [...byType.values()].flatMap((some) => some.slice(0, fewest));
}

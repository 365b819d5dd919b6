import { askForLabel, type Label, labelTokens } from '@align-squad/llm/prompts';
import type { Criterion } from '@align-squad/core';
import { createRequest, type RequestBody } from '../executors/request.js';
import type { Triple } from '../records/records.js';
import type { PlannedRequest } from '../stages/stage.js';
import { userMessage } from '../stages/triple-format.js';
import type { ResponseSource } from '../records/records.js';
import { requestSeed } from '../stages/request-seed.js';

/** A response that is to be labelled. */
export interface LabelItem extends ResponseSource {
  readonly id: string;
}

/** A model that labels; annotators stand in a cascade from cheap to dear. */
export interface Annotator {
  /** Name in reports and requests: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly model: string;
  /** Price of a token, of input as of output. @default none: the report gives no cost */
  readonly costPerToken?: number | undefined;
  /** The server tells log-probabilities; set it to false for one that refuses to be asked. @default true */
  readonly logprobs?: boolean | undefined;
  /** Answers that are counted where there are no log-probabilities, 1 to 100. @default 5 */
  readonly votes?: number | undefined;
}

/** What label requests are made with. */
export interface LabelSettings {
  readonly criterion: Criterion;
  readonly seed: number;
  readonly annotator: Annotator;
}

const defaultVotes = 5;
const candidates = 10;

/** The responses of a triple, to check it by: the misaligned one and the aligned one, which ids end in; an identity record has one. */
export function labelItems({ id, prompt, context, images, misaligned, aligned, identity }: Triple): LabelItem[] {
  const item = (label: Label, response: string): LabelItem => ({ id: `${id}/${label}`, prompt, context, images, response });
  return identity ? [item('aligned', aligned)] : [item('misaligned', misaligned), item('aligned', aligned)];
}

/** The request for the most likely label of a response, with log-probabilities unless the annotator has none (2410.13006, Chain Ensemble Methodology). */
export function labelRequest(settings: LabelSettings, item: LabelItem): PlannedRequest<LabelItem> {
  const { annotator } = settings;
  const isTold = annotator.logprobs ?? true;
  const body: RequestBody = { ...labelBody(settings, item, 0), temperature: 0, ...(isTold ? { topLogprobs: candidates } : {}) };
  return { request: createRequest(`label.${annotator.name}`, body), source: item };
}

/** The requests that a label without log-probabilities is put to the vote by; the first answer is one of the votes. */
export function voteRequests(settings: LabelSettings, item: LabelItem): PlannedRequest<LabelItem>[] {
  const { name, votes = defaultVotes } = settings.annotator;
  return Array.from({ length: votes - 1 }, (_, index) => {
    const body: RequestBody = { ...labelBody(settings, item, index + 1), temperature: 1 };
    return { request: createRequest(`label.${name}.vote`, body), source: item };
  });
}

function labelBody({ criterion, seed, annotator }: LabelSettings, item: LabelItem, index: number): RequestBody {
  return { model: annotator.model, messages: [userMessage(askForLabel(criterion, item), item)], maxTokens: labelTokens, temperature: 0, seed: requestSeed(seed, 'label', item.id, index) };
}

import type { AlignerFormat } from './aligner-format.js';
import { createMarkerEscape } from './marker-escape.js';

// Servers read these in a prompt of plain text as the tokens that end it; they end no text here.
const modelTokens = { '<s>': ' ', '</s>': ' ', '<|endoftext|>': ' ' };

const squadEscape = createMarkerEscape({ ...modelTokens, '[INIT]': ' ', '[ALIGNED]': ' ', '[DONE]': ' ' });

/**
 * The format of the aligners of the paper (2403.04224, section 3.3): `x [INIT] y [ALIGNED]`, continued by the rewrite and
 * `[DONE]`. Models of it know no context. A marker in a text gets a space after its first character (`[ DONE]`), and
 * loses it again in the rewrite.
 */
export const squadFormat: AlignerFormat = {
  name: 'squad',
  stop: ['[DONE]'],
  layout: ({ prompt = '', response }) => `${squadEscape.escape(prompt)} [INIT] ${squadEscape.escape(response)} [ALIGNED]`,
  read: squadEscape.unescape,
};

const pairEscape = createMarkerEscape({ ...modelTokens, '##Question:': ' ', '##Answer:': ' ', '##Correction:': ' ' });

/**
 * The format that PKU Aligner is trained in (2402.02416): `##Question: q ##Answer: a ##Correction:`, continued by the
 * rewrite. Models of it know no context. A marker in a text gets a space after its first character (`# #Answer:`), and
 * loses it again in the rewrite.
 */
export const questionAnswerFormat: AlignerFormat = {
  name: 'question-answer',
  stop: ['##Question:', '##Answer:', '##Correction:'],
  layout: ({ prompt = '', response }) => `##Question: ${pairEscape.escape(prompt)} ##Answer: ${pairEscape.escape(response)} ##Correction:`,
  read: pairEscape.unescape,
};

const turnEscape = createMarkerEscape({ ...modelTokens, 'BEGINNING OF CONVERSATION:': ' ', 'USER:': ' ', 'ASSISTANT:': ' ' });
// The first ` | ` separates question and answer, so that an answer may hold more of them.
const separatorEscape = createMarkerEscape({ ' |': '|' });

/**
 * The prompt of the released PKU Aligners, `aligner-7b-v1.0` and its sisters (2402.02416). They know no context. A name of
 * a turn in a text gets a space after its first character (`U SER:`), and loses it again in the rewrite; ` | ` in a
 * question reads ` || `.
 */
export const pkuAlignerFormat: AlignerFormat = {
  name: 'pku-aligner',
  stop: ['USER:', 'BEGINNING OF CONVERSATION:'],
  layout: ({ prompt = '', response }) =>
    `BEGINNING OF CONVERSATION: USER: Edit the following Question-Answer pair to make it more helpful and harmless: ${separatorEscape.escape(turnEscape.escape(prompt))} | ${turnEscape.escape(response)} ASSISTANT:`,
  read: turnEscape.unescape,
};

const candidateEscape = createMarkerEscape({ ...modelTokens, '[INIT]': ' ', '[CANDIDATE]': ' ', '[ALIGNED]': ' ', '[DONE]': ' ' });

/**
 * A format for trained correctors of several answers (after LMCor, 2305.13514): the prompt, the response and the further
 * answers in one text, `x [INIT] y [CANDIDATE] c [CANDIDATE] c [ALIGNED]`, continued by the corrected answer and `[DONE]`;
 * without further answers it is `squadFormat`. The markers are of this package and of no released model, so a model is to
 * be trained with them.
 */
export const lmcorFormat: AlignerFormat = {
  name: 'lmcor',
  stop: ['[DONE]'],
  layout: ({ prompt = '', response, answers }) => {
    const candidates = [response, ...answers].map(candidateEscape.escape).join(' [CANDIDATE] ');
    return `${candidateEscape.escape(prompt)} [INIT] ${candidates} [ALIGNED]`;
  },
  read: candidateEscape.unescape,
};

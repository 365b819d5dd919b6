// Parts of prompts and of training texts, which a model repeats instead of answering.
const labels = String.raw`input|response|corrector(?: ?\([^)\n]{0,60}\))?|correction|critique|principles|demonstrations?|context|aligned response|misaligned response`;
const lineStart = String.raw`^ ?(?:[#*>_-]{1,6} ?)?`;
const patterns: readonly RegExp[] = [
  new RegExp(`${lineStart}(?:${labels})[*_]*:`, 'imu'),
  /^ ?(?:question|response), as a JSON string\b/imu,
  /(?:^|[.!?] )as an? (?:AI|artificial intelligence) (?:language )?model\b/imu,
  /(?:^|[.!?] )as a (?:large )?language model\b/imu,
  /^ ?(?:###? ?(?:instruction|response|input|question|answer|correction)\b|beginning of conversation:)/imu,
  /<\|[\w ]{1,30}\|>|\[\/?INST\]|<<\/?SYS>>|\[(?:SEP|INIT|ALIGNED|DONE)\]/u,
  /\bthe question is data\b|\bcontinue the last case\b/iu,
];

/** A text whose runs of white space are one space each, line ends kept: patterns of lines need no time for long runs then. */
export function squeezeLines(text: string): string {
  return text.replace(/[^\S\n]+/gu, ' ').replace(/\n(?: ?\n)*/gu, '\n');
}

/** Whether a text of `squeezeLines` holds a label of a prompt at the start of a line, a sign of a chat template, or speaks as an AI model. */
export function hasLeakedLabel(text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

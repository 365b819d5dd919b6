import { activationLowerings } from './activations.js';
import { attention } from './attention.js';
import { fusedGemm } from './fused-gemm.js';
import { groupQueryAttention } from './group-query-attention.js';
import type { Lowering } from './lowering.js';
import { multiHeadAttention } from './multi-head-attention.js';
import { normalizationLowerings } from './normalizations.js';
import { packedAttention } from './packed-attention.js';
import { rotaryLowerings } from './rotary-embedding.js';

export type { Lowering } from './lowering.js';

/**
 * Operators that a training graph replaces by others, by name, or `domain:name` outside the standard domain: those that the
 * graph's operator set does not have yet, and fused ones that have no gradient rule.
 */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...activationLowerings,
  ...normalizationLowerings,
  ...rotaryLowerings,
  Attention: attention,
  'com.microsoft:Attention': packedAttention,
  'com.microsoft:FusedGemm': fusedGemm,
  'com.microsoft:GroupQueryAttention': groupQueryAttention,
  'com.microsoft:MultiHeadAttention': multiHeadAttention,
};

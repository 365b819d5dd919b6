import { trainTokenizer } from '../packages/pack-en/recipe/tokenizer-stage.ts';
const t=performance.now(); await trainTokenizer(); console.log((performance.now()-t)|0,'ms');

import { int64, float32 } from '@align-squad/onnx';
import { createTrainingStep } from '/work/main/packages/train/src/trainer/training-step.ts';
import { buildInspectorLoss } from '/work/main/packages/train/src/models/inspector-loss.ts';
import { buildMaskedLanguageModel } from '/work/main/packages/train/src/models/masked-language-model.ts';
import { createRandom } from '/work/main/packages/train/src/random.ts';
const [d=192,L=4,B=16,T=128]=process.argv.slice(2).map(Number);
const config={vocabularySize:12288,width:d,layers:L,attentionHeads:d/32,feedForwardWidth:4*d,maxTokens:512,ngramBuckets:131072,criteria:['ethical','factual','helpful'],specialIds:{pad:0,start:1,separator:2,sentence:3,mask:4,firstText:6}};
const r=createRandom(1);
const ids=Array.from({length:B*T},(_,i)=>i%T===0?1:i%T===20||i%T===50||i%T===T-1?2:i%T===51||i%T===80?3:6+r.integer(12000));
const base={input_ids:int64(ids,[B,T]),attention_mask:int64(ids.map(()=>1),[B,T])};
const w=new Map();
const M=Math.floor(B*T*0.15);
for (const kind of ['mlm','inspector']) {
 const step=createTrainingStep({weights:w,random:r,firstShape:[B,T] as [number,number],buildLoss:(g,weight,shape)=>kind==='mlm'?buildMaskedLanguageModel(g,weight,config,shape,M):buildInspectorLoss(g,weight,config,shape,{pair:.5,sentence:.5})});
 const inputs=kind==='mlm'?{...base,masked_places:int64(Array.from({length:M*2},(_,i)=>i%2?r.integer(T):r.integer(B)),[M,2]),masked_ids:int64(Array.from({length:M},()=>6+r.integer(100)),[M,1])}:{...base,labels:float32(new Float32Array(B*3).map((_,i)=>i%2),[B,3]),label_weights:float32(new Float32Array(B*3).fill(1),[B,3]),sentence_labels:float32(new Float32Array(B*T*3),[B,T,3]),sentence_weights:float32(new Float32Array(B*T*3).fill(1),[B,T,3]),pair_weights:float32(new Float32Array(B/2*3).fill(1),[B/2,3])};
 const ts=[];
 for(let i=0;i<12;i++){const t=performance.now();const l=await step.run({shape:[B,T],inputs},1e-3);ts.push(performance.now()-t);console.log(kind,i,l.toFixed(4),(performance.now()-t).toFixed(0));}
 console.log(kind,'tok/s',Math.round(B*T/ts.slice(2).sort((a,b)=>a-b)[4]*1000), 'rss',process.memoryUsage().rss/1e6|0);
 await step.dispose();
}

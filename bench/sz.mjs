import { measureBundle } from "./measures/bundle.mjs"
import { programs } from "./programs/bundled.mjs"
if (process.argv[2]) for (const k of ["OpenAI","Anthropic","Google"]) programs[k]=programs[k].replace("../dist/index.js", process.argv[2])
const s=await measureBundle({bundlers:["vite","esbuild"],bundled:["floor","schema","OpenAI","Anthropic","Google"]})
for(const b in s){const f=s[b].floor.value, c=s[b].schema.value; console.log(b,"floor",f.toFixed(1),"schema +",(c-f).toFixed(1),...["OpenAI","Anthropic","Google"].map(k=>k+" +"+(s[b][k].value-f).toFixed(1)+" (own "+(s[b][k].value-c).toFixed(1)+") "+(s[b][k].failure??"")))}

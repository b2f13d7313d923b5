import { Session } from "node:inspector/promises"
await import("effect"); await import("@effect/platform")
globalThis.gc?.();const s=new Session(); s.connect(); await s.post("Profiler.enable"); await s.post("Profiler.setSamplingInterval",{interval:100}); await s.post("Profiler.start")
const t=performance.now(); await import(process.argv[2]??"/tmp/perf/dist/index.js"); const ms=performance.now()-t
const {profile}=await s.post("Profiler.stop")
const byId=new Map(profile.nodes.map(n=>[n.id,n])); const self=new Map(); 
profile.samples.forEach((id,i)=>self.set(id,(self.get(id)??0)+profile.timeDeltas[i]))
const parent=new Map(); for(const n of profile.nodes) for(const c of n.children??[]) parent.set(c,n.id)
const agg=new Map(), sf=new Map()
for(const [id,us] of self){ const n=byId.get(id); const key=n.callFrame.functionName+" "+n.callFrame.url.split("/").slice(-2).join("/"); sf.set(key,(sf.get(key)??0)+us)
 let p=id; const seen=new Set(); while(p){const m=byId.get(p); const u=m.callFrame.url; if(u.includes("/dist")&&m.callFrame.functionName===""&&!u.includes("node_modules")&&!seen.has(u)){seen.add(u); agg.set(u,(agg.get(u)??0)+us)} p=parent.get(p)} }
console.log("total",ms.toFixed(0))
const show=(m,n)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,n).forEach(([k,v])=>console.log((v/1000).toFixed(1),k.replace("file:///tmp/perf/dist/","")))
show(sf,22); console.log("--modules"); show(agg,30)

import { Session } from "node:inspector/promises"
import { open } from "./contestants/index.mjs"
import { startServer, endAll } from "./harness/children.mjs"
const id=process.argv[2], N=Number(process.argv[3]??1500), plan=process.argv[4]??"dense.3"
const origin=await startServer()
const ask=await open(id,origin,"chat")
const one=async()=>{ let t; const a=performance.now(); await ask(plan,()=>{t??=performance.now()-a}); return t}
for(let i=0;i<600;i++) await one()
const c0=process.cpuUsage(); const s=[]; for(let i=0;i<N;i++) s.push(await one()); const c=process.cpuUsage(c0)
s.sort((a,b)=>a-b); console.log(id,"median ms",s[N>>1].toFixed(2),"p10",s[N/10|0].toFixed(2),"cpu ms/request",((c.user+c.system)/1000/N).toFixed(2))
if(process.argv[5]){ const ss=new Session(); ss.connect(); await ss.post("Profiler.enable"); await ss.post("Profiler.setSamplingInterval",{interval:200}); await ss.post("Profiler.start")
 for(let i=0;i<N;i++) await one()
 const {profile}=await ss.post("Profiler.stop"); const self=new Map(), byId=new Map(profile.nodes.map(n=>[n.id,n])); const parent=new Map(); for(const n of profile.nodes) for(const k of n.children??[]) parent.set(k,n.id)
 const agg=new Map(), sf=new Map(), files=new Map()
 profile.samples.forEach((id,i)=>{const us=profile.timeDeltas[i]; const n=byId.get(id); const nm=(n)=>n.callFrame.functionName+" "+n.callFrame.url.split("/").slice(-2).join("/")+":"+n.callFrame.lineNumber
  sf.set(nm(n),(sf.get(nm(n))??0)+us); const f=n.callFrame.url.split("/").slice(-3).join("/"); files.set(f,(files.get(f)??0)+us)
  let p=id; const seen=new Set(); while(p){const m=nm(byId.get(p)); if(!seen.has(m)){seen.add(m); agg.set(m,(agg.get(m)??0)+us)} p=parent.get(p)} })
 const show=(m,k)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,k).forEach(([n,v])=>console.log((v/N).toFixed(0).padStart(5),"us",n))
 console.log("-- self"); show(sf,25); console.log("-- files"); show(files,25); console.log("-- inclusive"); show(new Map([...agg].filter(([k])=>/dist\/|provider|client|wire|policy/.test(k)||true)),60)}
endAll(); process.exit()

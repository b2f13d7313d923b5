import { Session } from "node:inspector/promises"
import { Effect, Layer, ManagedRuntime, Stream, Channel, Chunk } from "effect"
const empty=ManagedRuntime.make(Layer.empty)
const one=()=>empty.runPromise(Stream.runDrain(Stream.make(1,2)))
const N=5000; for(let i=0;i<N;i++) await one()
const c=process.cpuUsage(); for(let i=0;i<N;i++) await one(); const u=process.cpuUsage(c); console.log((u.user/N).toFixed(0),(u.system/N).toFixed(0))
process.exit()
 for(let i=0;i<N;i++) await one()
 const {profile}=await ss.post("Profiler.stop"); const byId=new Map(profile.nodes.map(n=>[n.id,n])); const parent=new Map(); for(const n of profile.nodes) for(const k of n.children??[]) parent.set(k,n.id)
 const agg=new Map(), sf=new Map()
 const nm=(n)=>n.callFrame.functionName+" "+n.callFrame.url.split("/").slice(-2).join("/")+":"+n.callFrame.lineNumber
 profile.samples.forEach((id,i)=>{const us=profile.timeDeltas[i]; const n=byId.get(id); 
  sf.set(nm(n),(sf.get(nm(n))??0)+us);
  let p=id; const seen=new Set(); while(p){const m=nm(byId.get(p)); if(!seen.has(m)){seen.add(m); agg.set(m,(agg.get(m)??0)+us)} p=parent.get(p)} })
 const show=(m,k)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,k).forEach(([n,v])=>console.log((v/N).toFixed(1).padStart(6),"us",n))
 console.log("-- self"); show(sf,22); console.log("-- inclusive"); show(agg,50)
process.exit()

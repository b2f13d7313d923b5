import { Session } from "node:inspector/promises"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Layer, ManagedRuntime, Stream, Fiber } from "effect"
const { LLMClient, OpenAI, collect } = await import(process.argv[2] ?? "/tmp/perf/dist/index.js")
const enc=new TextEncoder()
const body = enc.encode(["{\"role\":\"assistant\",\"content\":\"\"}",'{"content":"Hello"}','{"content":" there"}'].map(d=>`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${d},"finish_reason":null}]}\n\n`).join("")+`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`)
const fake = HttpClient.make((request) => Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(body, {status:200, headers:{"content-type":"text/event-stream"}}))))
const runtime = ManagedRuntime.make(Layer.provide(Layer.provide(LLMClient.fromProvider(OpenAI,{model:"m"}), OpenAI.layer({apiKey:"key"})), Layer.succeed(HttpClient.HttpClient, fake)))
const ask=()=>runtime.runPromise(Stream.runForEachChunk(LLMClient.chatStream({messages:[{role:"user",content:"Hi"}]}),()=>Effect.void))
const bare=async()=>{ const r=new Response(body,{status:200}); const rd=r.body.getReader(); const d=new TextDecoder(); for(;;){const {done,value}=await rd.read(); if(done)return; d.decode(value).split("\n\n")}}
const plat=()=>runtime.runPromise(Effect.flatMap(fake.get("http://x"),(r)=>Stream.runDrain(r.stream)))
const N=3000
const time=async(n,f)=>{for(let i=0;i<N;i++)await f(); const c=process.cpuUsage(); const a=performance.now(); for(let i=0;i<N;i++)await f(); const u=process.cpuUsage(c); console.log(n,((u.user+u.system)/N).toFixed(0),"us cpu/request", ((performance.now()-a)/N*1000).toFixed(0),"us")}
await time("bare",bare); await time("platform",plat); await time("ours",ask)
await time("ours",ask)
if(process.argv[3]){ const ss=new Session(); ss.connect(); await ss.post("Profiler.enable"); await ss.post("Profiler.setSamplingInterval",{interval:100}); await ss.post("Profiler.start")
 for(let i=0;i<N;i++) await ask()
 const {profile}=await ss.post("Profiler.stop"); const byId=new Map(profile.nodes.map(n=>[n.id,n])); const parent=new Map(); for(const n of profile.nodes) for(const k of n.children??[]) parent.set(k,n.id)
 const agg=new Map(), sf=new Map()
 const nm=(n)=>n.callFrame.functionName+" "+n.callFrame.url.split("/").slice(-2).join("/")+":"+n.callFrame.lineNumber
 profile.samples.forEach((id,i)=>{const us=profile.timeDeltas[i]; const n=byId.get(id); 
  sf.set(nm(n),(sf.get(nm(n))??0)+us);
  let p=id; const seen=new Set(); while(p){const m=nm(byId.get(p)); if(!seen.has(m)){seen.add(m); agg.set(m,(agg.get(m)??0)+us)} p=parent.get(p)} })
 const show=(m,k)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,k).forEach(([n,v])=>console.log((v/N).toFixed(1).padStart(6),"us",n))
 console.log("-- self"); show(sf,40); console.log("-- inclusive"); show(agg,70)}
await runtime.dispose()

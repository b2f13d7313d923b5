import { HttpClient, HttpClientResponse, HttpClientRequest } from "@effect/platform"
import { Effect, Layer, ManagedRuntime, Stream, identity } from "effect"
const { LLMClient, OpenAI } = await import(process.argv[2] ?? "/tmp/perf/dist/index.js")
const enc=new TextEncoder()
const body = enc.encode(["{\"role\":\"assistant\",\"content\":\"\"}",'{"content":"Hello"}','{"content":" there"}'].map(d=>`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${d},"finish_reason":null}]}\n\n`).join("")+`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`)
const fake = HttpClient.make((request) => Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(body, {status:200, headers:{"content-type":"text/event-stream"}}))))
const rt = (o)=>ManagedRuntime.make(Layer.provide(Layer.provide(LLMClient.fromProvider(OpenAI,{model:"m",...o}), OpenAI.layer({apiKey:"key"})), Layer.succeed(HttpClient.HttpClient, fake)))
const q={messages:[{role:"user",content:"Hi"}]}
const mk=(r)=>()=>r.runPromise(Stream.runForEachChunk(LLMClient.chatStream(q),()=>Effect.void))
const empty=ManagedRuntime.make(Layer.empty)
const scoped=fake.pipe(HttpClient.withScope,HttpClient.withTracerDisabledWhen(()=>true))
const fs={
 sync:()=>empty.runPromise(Effect.void),
 async1:()=>empty.runPromise(Effect.async(r=>{Promise.resolve().then(()=>r(Effect.void))})),
 platGet:()=>empty.runPromise(Effect.scoped(Effect.flatMap(scoped.execute(HttpClientRequest.post("http://x")),(r)=>Effect.promise(async()=>{const rd=r.source.body.getReader(); for(;;){const {done}=await rd.read(); if(done)return}})))),
 platTimeout:()=>empty.runPromise(Effect.scoped(Effect.flatMap(Effect.timeoutFail(scoped.execute(HttpClientRequest.post("http://x")),{duration:60000,onTimeout:()=>1}),(r)=>Effect.promise(async()=>{const rd=r.source.body.getReader(); for(;;){const {done}=await rd.read(); if(done)return}})))),
 noPolicy:mk(rt({policy:identity})),
 ours:mk(rt({})),
}
const N=1500; const names=Object.keys(fs); const best={}
for(const n of names) for(let i=0;i<2000;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}
for(let k=0;k<6;k++) for(const n of names){ const c=process.cpuUsage(); for(let i=0;i<N;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}; const u=process.cpuUsage(c); const v=(u.user+u.system)/N; best[n]=Math.min(best[n]??1e9,v)}
console.log(names.map(n=>n+" "+best[n].toFixed(0)).join("  "))
process.exit()

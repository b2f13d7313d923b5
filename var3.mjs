import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Layer, ManagedRuntime, Stream, Context, Redacted } from "effect"
const { OpenAI } = await import("/tmp/perf/dist/index.js")
const AS = await import("/tmp/perf/dist/provider/AnswerStream.js"), Q=await import("/tmp/perf/dist/provider/question.js"), X=await import("/tmp/perf/dist/provider/Exchange.js"), C=await import("/tmp/perf/dist/provider/Connection.js"), D=await import("/tmp/perf/dist/dialect/openai-chat/OpenAIChat.js"), CR=await import("/tmp/perf/dist/domain/ChatRequest.js"), B=await import("/tmp/perf/dist/wire/Body.js"), AR=await import("/tmp/perf/dist/provider/AnswerReader.js"), CL=await import("/tmp/perf/dist/provider/Clocks.js"), T=await import("/tmp/perf/dist/provider/Timeouts.js")
const enc=new TextEncoder()
const body = enc.encode(["{\"role\":\"assistant\",\"content\":\"\"}",'{"content":"Hello"}','{"content":" there"}'].map(d=>`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${d},"finish_reason":null}]}\n\n`).join("")+`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`)
const fake = HttpClient.make((request) => Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(body, {status:200, headers:{"content-type":"text/event-stream"}}))))
const empty=ManagedRuntime.make(Layer.empty)
const provider = empty.runSync(Effect.provide(OpenAI, Layer.provide(OpenAI.layer({apiKey:"key"}), Layer.succeed(HttpClient.HttpClient, fake))))
const q={model:"m",messages:[{role:"user",content:"Hi"}]}
const conn = C.make({provider:"openai",baseUrl:"https://x.com/v1",apiKey:"key",authorization:(k)=>({authorization:`Bearer ${k}`})}).right
const dialect=D.OpenAIChat??D.make?.({})??Object.values(D).find(v=>v&&v.initial!==undefined)
console.log(Object.keys(D), !!dialect)
const post = X.poster(dialect, conn, fake)
const limits=T.limitsOf(undefined,true)
const enc2=dialect.encode({messages:q.messages,model:"m",tools:[]},true).right
const exchange=X.begin(conn,"m",q.messages)
const newReader=AR.readers(dialect,conn.bounds)
const fs={
 check:()=>empty.runPromise(CR.check(q,"x")),
 ask:()=>empty.runPromise(Q.ask(q,conn)),
 encode:async()=>dialect.encode({messages:q.messages,model:"m",tools:[]},true),
 postOnly:()=>empty.runPromise(Effect.scoped(post(enc2,exchange,limits,true))),
 reader:async()=>{const r=newReader(exchange); r.push(body)},
 clocks:()=>empty.runPromise(Effect.scoped(Effect.gen(function*(){const clock=yield* Effect.clock; const c=new CL.Clocks(clock,limits,0); yield* Effect.forkScoped(c.watch); }))),
 pulled:()=>empty.runPromise(Effect.scoped(Effect.flatMap(AS.openOf(provider.chatStream(q)),(pull)=>{const loop=Effect.flatMap(pull,(c)=>c.length===0?Effect.void:loop); return loop}))),
 opened:()=>empty.runPromise(Effect.scoped(AS.openOf(provider.chatStream(q)))),
 pull1:()=>empty.runPromise(Effect.scoped(Effect.flatten(AS.openOf(provider.chatStream(q))))),
 chan:()=>empty.runPromise(Stream.runForEachChunk(AS.make(Effect.sync(()=>{let n=0; return Effect.sync(()=>n++<2?[1]:[])})),()=>Effect.void)),
 provider:()=>empty.runPromise(Stream.runForEachChunk(provider.chatStream(q),()=>Effect.void)),
}
const N=1500; const names=Object.keys(fs); const best={}
for(const n of names) for(let i=0;i<2000;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}
for(let k=0;k<6;k++) for(const n of names){ const c=process.cpuUsage(); for(let i=0;i<N;i++){ await fs[n](); if(i%10===0) await new Promise(setImmediate)}; const u=process.cpuUsage(c); const v=(u.user+u.system)/N; best[n]=Math.min(best[n]??1e9,v)}
console.log(names.map(n=>n+" "+best[n].toFixed(0)).join("  "))
process.exit()
